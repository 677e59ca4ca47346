"""Stored bytes on their way to a viewer, sandboxed."""
