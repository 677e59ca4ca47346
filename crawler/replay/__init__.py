"""Shows stored snapshots in a browser without a network, and compares them with what was captured."""
