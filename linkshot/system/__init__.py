"""What touches the machine: settings, logging, locks, signals, disk, secrets in files."""
