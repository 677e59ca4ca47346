"""An ArtifactStore in a folder: write, fsync, rename, fsync of the folder."""

import errno
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from linkshot.adapters import store_probe
from linkshot.adapters.store_keys import check_key, check_prefix
from linkshot.adapters.store_reader import open_reader
from linkshot.domain.storage_layout import ROOT_MARKER
from linkshot.errors import Damaged, StoreUnavailable
from linkshot.ports import Stat

STAGING = ".tmp~"
"""Folder of unfinished files; no key has a `~`, so it never collides with one."""
SWEEP_AFTER_S = 86_400
Answer = TypeVar("Answer")
Strings = list[str]
COPY_BYTES = 1 << 20
OF_THE_MACHINE = frozenset(
    (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
)
"""Errors that say nothing about a file; any other may be its own (EIO, EACCES, ELOOP, …)."""


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
                self._replace(staged, target)
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

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """See ArtifactStore.read."""
        path = self._path(key)
        return self._whole(key, lambda: _read(path, key, start, length))

    def open(self, key: str) -> BinaryIO:
        """See ArtifactStore.open."""
        return open_reader(key, self.read, self.stat)

    def stat(self, key: str) -> Stat | None:
        """See ArtifactStore.stat."""
        path = self._path(key)
        found = self._whole(key, lambda: _look(path))
        return _stat(key, found) if found and stat.S_ISREG(found.st_mode) else None

    def list(self, prefix: str) -> Iterator[Stat]:
        """See ArtifactStore.list; reads one folder at a time."""
        folder, _, begin = check_prefix(prefix).rpartition("/")
        start = self._root / folder if folder else self._root
        return self._listed(start, f"{folder}/" if folder else "", begin)

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

    def _whole(self, key: str, ask: Callable[[], Answer]) -> Answer:
        return store_probe.read_or_diagnose(
            key, ask, blames=_blames_the_file, is_well=self._is_readable
        )

    def _is_readable(self) -> bool:
        marker = self._path(ROOT_MARKER)
        return store_probe.is_marker_readable(
            lambda: _read(marker, ROOT_MARKER, 0, None),
            lambda content: self.put(ROOT_MARKER, content, "application/json"),
        )

    def _replace(self, staged: Path, target: Path) -> None:
        try:
            staged.replace(target)
        except IsADirectoryError:
            self._put_aside(target)
            staged.replace(target)

    def _put_aside(self, path: Path) -> None:
        """Moves a foreign file or folder at the place of an object into the staging folder, for
        inspection."""
        path.rename(self._staging / f"aside-{uuid.uuid4().hex}")

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
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            above = [one for one in folder.parents if one.is_relative_to(self._root)]
            self._put_aside(next(p for p in (*reversed(above), folder) if not p.is_dir()))
            folder.mkdir(parents=True, exist_ok=True)
        for parent in folder.parents:
            _sync_folder(parent)
            if parent == self._root:
                break
        self._known.add(folder)

    def _listed(self, folder: Path, key: str, begin: str) -> Iterator[Stat]:
        unread: list[str] = []
        yield from self._walk(folder, key, begin, unread)
        if unread:
            raise Damaged(
                f"{len(unread)} folders of the store cannot be read, so not all objects are listed; "
                f"the first is {unread[0]}.",
                fault="unreadable",
            )

    def _walk(self, folder: Path, key: str, begin: str, unread: Strings) -> Iterator[Stat]:
        """Keys in order: a folder sorts as its name with a slash. Those of folders that cannot be
        read are put into `unread`."""
        try:
            names = self._whole(key, lambda: sorted(_entries(folder, begin)))
        except Damaged:
            unread.append(key)
            return
        for name in names:
            if name.endswith("/"):
                yield from self._walk(folder / name, key + name, "", unread)
            else:
                with suppress(FileNotFoundError):  # gone meanwhile, or a link that leads nowhere
                    yield _stat_of(key + name, folder / name)

    def _sweep(self) -> None:
        """Remove what was staged long ago by processes that are gone."""
        limit = time.time() - SWEEP_AFTER_S
        for entry in os.scandir(self._staging):
            with suppress(FileNotFoundError):
                if entry.is_file() and entry.stat().st_mtime < limit:
                    Path(entry.path).unlink(missing_ok=True)


def _read(path: Path, key: str, start: int, length: int | None) -> bytes:
    """A part of the file; what is no file is not waited for."""
    with _unavailable():
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            raise KeyError(key) from None
        try:
            kind = os.fstat(fd).st_mode
            if stat.S_ISDIR(kind):
                raise KeyError(key)
            if not stat.S_ISREG(kind):
                raise OSError(errno.ENXIO, "it is no file")
            with os.fdopen(fd, "rb", closefd=False) as file:
                file.seek(start)
                return file.read() if length is None else file.read(length)
        finally:
            os.close(fd)


def _look(path: Path) -> os.stat_result | None:
    with _unavailable():
        try:
            return path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None


def _entries(folder: Path, begin: str) -> Iterator[str]:
    """Names that start with `begin`, those of folders with a slash behind."""
    with (
        _unavailable(),
        suppress(FileNotFoundError, NotADirectoryError),
        os.scandir(folder) as entries,
    ):
        for entry in entries:
            if entry.name.startswith(begin) and entry.name != STAGING:
                yield entry.name + ("/" if _is_folder(entry) else "")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):  # a link to itself
        return entry.is_dir()
    return False


def _pieces(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as source:
        while piece := source.read(COPY_BYTES):
            yield piece


def _stat_of(key: str, path: Path) -> Stat:
    """What is there by name but cannot be looked at has no bytes and no age."""
    try:
        return _stat(key, path.stat())
    except FileNotFoundError:
        raise
    except OSError:
        return Stat(key=key, bytes=0, modified_us=0)


def _stat(key: str, found: os.stat_result) -> Stat:
    return Stat(key=key, bytes=found.st_size, modified_us=found.st_mtime_ns // 1000)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _blames_the_file(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno not in OF_THE_MACHINE


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(f"the artifact store cannot be used: {exc.strerror or exc}") from exc
