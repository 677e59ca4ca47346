"""Explains why a file or folder of ours cannot be written, and what to do about it."""

import os
from pathlib import Path

FULL_BYTES = 1_000_000
"""With less free space SQLite and the index cannot even begin to write."""


def write_problem(path: Path) -> str:
    """Why this file or folder cannot be written, with the next step; empty when it can be."""
    if problem := permission_problem(path):  # more room would not help then
        return problem
    folder = _nearest(path)
    place = os.statvfs(folder)
    if place.f_bavail * place.f_frsize >= FULL_BYTES:
        return ""
    return f"the disk of {folder} is full; make room on it, then try again"


def permission_problem(path: Path) -> str:
    """As write_problem(), but ignores a full disk: deletions make room."""
    folder = _nearest(path)
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return (
            f"the file system of {folder} is read-only; make it writable, or choose another "
            "folder with --data"
        )
    for one in dict.fromkeys((folder, path)):
        if one.exists() and not os.access(one, os.W_OK):
            return (
                f"this user may not write {one}; give it to the user who runs linkshot, or "
                "choose another folder with --data"
            )
    return ""


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above that exists."""
    return next(one for one in (path, *path.parents) if one.is_dir())
