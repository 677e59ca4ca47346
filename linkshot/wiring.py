"""Builds the App from settings: the one place that names concrete classes."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from linkshot.app import App, Openers, utc_now
from linkshot.domain.backend_urls import SCHEMES
from linkshot.errors import ConfigError
from linkshot.ports import ArtifactStore, Queue, SearchIndex
from linkshot.system import disk
from linkshot.system.config import Settings

if TYPE_CHECKING:
    from linkshot.catalogue.engine import Catalogue

MAX_FOLDER = 470
"""Bytes of the name of a folder: SQLite opens files of at most 512, with the endings it adds."""


def open_app(settings: Settings, now: Callable[[], datetime] = utc_now) -> App:
    """An App whose parts open when first used; ConfigError for URLs that cannot work."""
    check_parts(settings)
    return App(
        settings=settings,
        openers=Openers(
            catalogue=lambda: _catalogue(settings),
            queue=lambda: _queue(settings),
            store=lambda: _store(settings),
            index=lambda: _index(settings),
        ),
        now=now,
    )


def check_parts(settings: Settings) -> None:
    """Only the supported combinations (architecture.md §8)."""
    embedded = {part: settings.is_embedded(part) for part in SCHEMES}
    core = {embedded[part] for part in ("catalogue", "queue", "index")}
    if len(core) > 1 or (embedded["store"] and not embedded["queue"]):
        raise ConfigError(
            "catalogue, queue, store and index must be all embedded, all servers, or all embedded "
            "with an S3 store; set all four of LINKSHOT_CATALOGUE, LINKSHOT_QUEUE, LINKSHOT_STORE, "
            "LINKSHOT_INDEX or none"
        )


def _catalogue(settings: Settings) -> "Catalogue":
    from linkshot.catalogue.engine import Catalogue

    if settings.is_embedded("catalogue"):
        path = settings.path_of("catalogue")
        _folder(path.parent)
        return Catalogue.open(f"sqlite:///{path}")
    return Catalogue.open(settings.url_of("catalogue"))


def _queue(settings: Settings) -> Queue:
    if settings.is_embedded("queue"):
        from linkshot.adapters.queue_sqlite import SqliteQueue

        path = settings.path_of("queue")
        _folder(path.parent)
        return SqliteQueue(path)
    with _extra("queue"):
        from linkshot.adapters.queue_kafka import KafkaQueue
    return KafkaQueue.from_url(settings.url_of("queue"))


def _store(settings: Settings) -> ArtifactStore:
    if settings.is_embedded("store"):
        from linkshot.adapters.store_filesystem import FilesystemStore

        path = settings.path_of("store")
        _folder(path)
        return FilesystemStore(path)
    with _extra("store"):
        from linkshot.adapters.store_minio import MinioStore
    return MinioStore.from_url(settings.url_of("store"))


def _index(settings: Settings) -> SearchIndex:
    text_bytes = settings.index_text_bytes
    if settings.is_embedded("index"):
        from linkshot.adapters.index_tantivy import TantivyIndex

        path = settings.path_of("index")
        _folder(path)
        return TantivyIndex(path, heap_bytes=settings.index_heap_bytes, text_bytes=text_bytes)
    with _extra("index"):
        from linkshot.adapters.index_elasticsearch import ElasticsearchIndex
    return ElasticsearchIndex.from_url(settings.url_of("index"), text_bytes=text_bytes)


def _folder(path: Path) -> None:
    if not _is_usable(path):
        raise ConfigError(
            f"the folder {str(path)[:80]} has a name that is not UTF-8 or longer than {MAX_FOLDER} "
            "bytes; choose another one with --data",
            field="data",
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(
            f"the folder {path} cannot be made: {exc.strerror}; choose another one with --data",
            field="data",
        ) from exc
    if wrong := disk.permission_problem(path):
        raise ConfigError(f"the folder {path} cannot be used: {wrong}", field="data")


def _is_usable(path: Path) -> bool:
    try:
        return len(str(path).encode()) <= MAX_FOLDER
    except UnicodeEncodeError:
        return False


class _extra:  # noqa: N801  # reads as a statement: with _extra("queue")
    """A missing client library becomes the sentence that says how to get it."""

    def __init__(self, part: str) -> None:
        self.part = part

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, ModuleNotFoundError):
            raise ConfigError(
                f"LINKSHOT_{self.part.upper()} names a server, and its client is not installed; "
                "install linkshot[cluster]",
                field=self.part,
            ) from exc
