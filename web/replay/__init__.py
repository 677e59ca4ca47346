"""Serves stored bytes to browsers, sandboxed."""
