"""Checking, repairing and rebuilding what is stored; garbage collection; health."""
