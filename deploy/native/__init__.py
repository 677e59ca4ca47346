"""Starts the four real servers on one machine without Docker."""
