"""Access to the operating system: settings, logging, locks, signals, disk, secret files."""
