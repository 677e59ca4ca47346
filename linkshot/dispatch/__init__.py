"""Dispatch: the only package between catalogue and queue. Publishes what is due, applies results."""

from linkshot.dispatch.loop import run_dispatch

__all__ = ["run_dispatch"]
