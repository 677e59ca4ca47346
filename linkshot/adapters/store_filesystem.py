"""An ArtifactStore in a folder: write, fsync, rename, fsync of the folder."""

import os
import stat
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from linkshot.errors import StoreUnavailable
from linkshot.ports import Stat
from linkshot.store_keys import check_key, check_prefix

STAGING = ".tmp~"
"""Folder of unfinished files; no key has a `~`, so it never collides with one."""
SWEEP_AFTER_S = 86_400
COPY_BYTES = 1 << 20


class FilesystemStore:
    """Objects as files below `root`; safe for several threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._known: set[Path] = set()
        """Folders whose own entries are known to be durable."""
        with _unavailable():
            self._root.mkdir(parents=True, exist_ok=True)
            self._staging = self._root / STAGING
            self._staging.mkdir(exist_ok=True)
            self._sweep()

    def put(self, key: str, data: bytes | Path, media_type: str) -> None:  # noqa: ARG002
        """See ArtifactStore.put; the media type stands in the manifest."""
        target = self._path(key)
        with _unavailable():
            staged = self._stage(data)
            try:
                self._folder(target.parent)
                staged.replace(target)
            finally:
                staged.unlink(missing_ok=True)
            _sync_folder(target.parent)

    def create(self, key: str, data: bytes) -> bool:
        """See ArtifactStore.create: a hard link is made by exactly one."""
        target = self._path(key)
        with _unavailable():
            staged = self._stage(data)
            try:
                self._folder(target.parent)
                os.link(staged, target)
                won = True
            except FileExistsError:
                won = False
            finally:
                staged.unlink(missing_ok=True)
            _sync_folder(target.parent)
            return won

    def open(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """See ArtifactStore.open."""
        path = self._path(key)
        with _unavailable():
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    return file.read() if length is None else file.read(length)
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise KeyError(key) from None

    def stat(self, key: str) -> Stat | None:
        """See ArtifactStore.stat."""
        path = self._path(key)
        with _unavailable():
            try:
                found = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return _stat(key, found) if stat.S_ISREG(found.st_mode) else None

    def list(self, prefix: str) -> Iterator[Stat]:
        """See ArtifactStore.list; reads one folder at a time."""
        folder, _, begin = check_prefix(prefix).rpartition("/")
        start = self._root / folder if folder else self._root
        return self._walk(start, f"{folder}/" if folder else "", begin)

    def delete(self, keys: Iterable[str]) -> None:
        """See ArtifactStore.delete."""
        paths = [self._path(key) for key in keys]
        with _unavailable():
            for path in paths:
                with suppress(NotADirectoryError, IsADirectoryError):
                    path.unlink(missing_ok=True)
            for folder in {path.parent for path in paths if path.parent.is_dir()}:
                _sync_folder(folder)

    def close(self) -> None:
        """Nothing is held open. Repeatable."""

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _stage(self, data: bytes | Path) -> Path:
        """A finished, durable file beside the others that is not yet one of them."""
        staged = self._staging / uuid.uuid4().hex
        try:
            with staged.open("xb") as file:
                for piece in _pieces(data):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                staged.unlink(missing_ok=True)
            raise
        return staged

    def _folder(self, folder: Path) -> None:
        """Make the folder, and make sure once that it is there after a power cut."""
        if folder == self._root or (folder in self._known and folder.is_dir()):
            return
        folder.mkdir(parents=True, exist_ok=True)
        for parent in folder.parents:
            _sync_folder(parent)
            if parent == self._root:
                break
        self._known.add(folder)

    def _walk(self, folder: Path, key: str, begin: str) -> Iterator[Stat]:
        """Keys in order: a folder sorts as its name with a slash."""
        with _unavailable():
            names = sorted(_entries(folder, begin))
            for name in names:
                if name.endswith("/"):
                    yield from self._walk(folder / name, key + name, "")
                else:
                    with suppress(FileNotFoundError):
                        yield _stat(key + name, (folder / name).stat())

    def _sweep(self) -> None:
        """Remove what was staged long ago by processes that are gone."""
        limit = time.time() - SWEEP_AFTER_S
        for entry in os.scandir(self._staging):
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < limit:
                    Path(entry.path).unlink(missing_ok=True)


def _entries(folder: Path, begin: str) -> Iterator[str]:
    """Names that start with `begin`, those of folders with a slash behind."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(begin) and entry.name != STAGING:
                yield entry.name + ("/" if entry.is_dir() else "")


def _pieces(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as source:
        while piece := source.read(COPY_BYTES):
            yield piece


def _stat(key: str, found: os.stat_result) -> Stat:
    return Stat(key=key, bytes=found.st_size, modified_us=found.st_mtime_ns // 1000)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(f"the artifact store cannot be used: {exc.strerror or exc}") from exc
