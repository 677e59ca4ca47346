"""The only place between catalogue and queue: send what is due, take in what comes, announce."""

from linkshot.dispatch.loop import run_dispatch

__all__ = ["run_dispatch"]
