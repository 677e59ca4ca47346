"""An ArtifactStore on any S3 server, by plain calls of the MinIO client."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from linkshot.adapters import store_probe
from linkshot.adapters.store_keys import check_key, check_prefix
from linkshot.adapters.store_reader import open_reader
from linkshot.domain.model import Fault
from linkshot.domain.storage_layout import ROOT_MARKER
from linkshot.errors import ConfigError, Damaged, StoreUnavailable
from linkshot.ports import Stat
from linkshot.system import secret_files
from linkshot.system.connection_errors import explain_or_kind

CONNECT_S, READ_S = 10.0, 60.0
"""The client's own defaults are five minutes each."""
POOL = 32
FORM = "LINKSHOT_STORE has the form s3+https://KEY:SECRET@HOST/BUCKET[/PREFIX][?region=NAME]"
OPTIONS = {"region", "cafile", "password_file"}
MISSING = ("NoSuchKey", "NoSuchObject", "NoSuchBucket")
NOT_LET_IN = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")
FORCE = {"x-minio-force-delete": "true"}
"""MinIO removes the folder of the object unseen; it can neither replace nor remove by itself an object
whose xl.meta it cannot read (internal error). Other servers ignore the header."""
Answer = TypeVar("Answer")


class MinioStore:
    """See ArtifactStore; objects lie under `prefix` in one bucket."""

    def __init__(
        self, client: Minio, bucket: str, prefix: str = "", pool: urllib3.PoolManager | None = None
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._pool = pool

    @classmethod
    def from_url(cls, url: str) -> "MinioStore":
        """`s3+http(s)://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX]`; the bucket is made if missing."""
        parts = urlsplit(url)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if not (parts.hostname and bucket and parts.username) or set(asked) - OPTIONS:
            raise ConfigError(FORM, field="store")
        pool = _pool(asked.get("cafile"))
        try:
            client = Minio(
                parts.netloc.rpartition("@")[2],
                access_key=unquote(parts.username),
                secret_key=_secret(asked) or unquote(parts.password or ""),
                secure=parts.scheme == "s3+https",
                region=asked.get("region", "us-east-1"),
                http_client=pool,
            )
            store = cls(client, bucket, f"{check_key(prefix)}/" if prefix else "", pool)
            store.ensure_bucket()
        except ValueError:
            raise ConfigError(
                f"{FORM}, with a bucket name S3 allows and a prefix in lower case", field="store"
            ) from None
        return store

    def ensure_bucket(self) -> None:
        """Make the bucket unless it is there, or our key may not look: then it must be."""
        with _unavailable():
            try:
                if not self._client.bucket_exists(self._bucket):
                    self._client.make_bucket(self._bucket)
            except S3Error as exc:
                if exc.code not in ("AccessDenied", "BucketAlreadyOwnedByYou"):
                    raise

    def put(self, key: str, data: bytes | Path, media_type: str) -> None:
        """See ArtifactStore.put."""
        name = self._name(key)
        try:
            self._put(name, data, media_type)
        except StoreUnavailable as exc:
            if self._in_the_way(key, exc) is None:
                raise
            self._remove_unseen(name)
            self._put(name, data, media_type)

    def create(self, key: str, data: bytes) -> bool:
        """See ArtifactStore.create: `If-None-Match: *` (RFC 9110 §13.1.2), honoured by S3."""
        name = self._name(key)
        try:
            return self._create(name, data)
        except StoreUnavailable as exc:
            in_the_way = self._in_the_way(key, exc)
            if in_the_way is Fault.UNREADABLE:
                return False
            if in_the_way is None:
                raise
            self._remove_unseen(name)
            return self._create(name, data)

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """See ArtifactStore.read."""
        name = self._name(key)
        if length == 0:
            return b"" if self.stat(key) else self._missing(key)
        return self._whole(key, lambda: self._read(name, key, start, length))

    def open(self, key: str) -> BinaryIO:
        """See ArtifactStore.open."""
        return open_reader(key, self.read, self.stat)

    def stat(self, key: str) -> Stat | None:
        """See ArtifactStore.stat."""
        name = self._name(key)
        return self._whole(key, lambda: self._look(name))

    def list(self, prefix: str) -> Iterator[Stat]:
        """See ArtifactStore.list; S3 lists in order of UTF-8 bytes."""
        return self._listed(self._prefix + check_prefix(prefix))

    def _listed(self, prefix: str) -> Iterator[Stat]:
        with _unavailable():
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                yield self._stat(found)

    def delete(self, keys: Iterable[str]) -> None:
        """See ArtifactStore.delete."""
        wanted = [DeleteObject(self._name(key)) for key in keys]
        if not wanted:
            return
        with _unavailable():
            errors = [
                e
                for e in self._client.remove_objects(self._bucket, wanted)
                if e.code not in MISSING
            ]
        for error in errors:
            if error.code in NOT_LET_IN or not error.name:
                raise StoreUnavailable(f"the artifact store did not delete: {error.code}")
            self._remove_unseen(error.name)

    def close(self) -> None:
        """See ArtifactStore.close."""
        if self._pool is not None:
            self._pool.clear()

    def _whole(self, key: str, ask: Callable[[], Answer]) -> Answer:
        return store_probe.read_or_diagnose(
            key, ask, blames=_blames_the_object, is_well=self._is_readable
        )

    def _is_readable(self) -> bool:
        marker = self._name(ROOT_MARKER)
        return store_probe.is_marker_readable(
            lambda: self._read(marker, ROOT_MARKER, 0, None),
            lambda content: self._write_marker(marker, content),
        )

    def _write_marker(self, marker: str, content: bytes) -> None:
        try:
            self._put(marker, content, "application/json")
        except StoreUnavailable as exc:
            if not _blames_the_object(exc.__cause__ or exc):
                raise
            self._remove_unseen(marker)
            self._put(marker, content, "application/json")

    def _in_the_way(self, key: str, failure: StoreUnavailable) -> Fault | None:
        """What keeps this key from being written: an object that cannot be read either, or the
        rest of one that the server does not even see; None when it is neither."""
        if not _blames_the_object(failure.__cause__ or failure):
            return None
        try:
            self.read(key)
        except Damaged:
            return Fault.UNREADABLE
        except KeyError:
            return Fault.MISSING if self._is_readable() else None
        return None

    def _create(self, name: str, data: bytes) -> bool:
        headers: dict[str, str | list[str] | tuple[str]] = {
            "If-None-Match": "*",
            "Content-Type": "application/json",
        }
        with _unavailable():
            try:
                # the public call turns unknown headers into metadata
                self._client._put_object(self._bucket, name, data, headers)  # noqa: SLF001
            except S3Error as exc:
                if exc.code in ("PreconditionFailed", "ConditionalRequestConflict"):
                    return False
                raise
            return True

    def _put(self, name: str, data: bytes | Path, media_type: str) -> None:
        with _unavailable():
            if isinstance(data, Path):
                self._client.fput_object(self._bucket, name, str(data), media_type)
            else:
                self._client.put_object(self._bucket, name, io.BytesIO(data), len(data), media_type)

    def _remove_unseen(self, name: str) -> None:
        """Deletes also what the server cannot read. Safe: no key of ours is a folder of another one."""
        with _unavailable():
            # the public call takes no headers
            self._client._execute("DELETE", self._bucket, name, headers=dict(FORCE))  # noqa: SLF001

    def _read(self, name: str, key: str, start: int, length: int | None) -> bytes:
        with _unavailable():
            answer: Any = None
            try:
                answer = self._client.get_object(self._bucket, name, start, length or 0)
                return bytes(answer.read())
            except S3Error as exc:
                if exc.code in MISSING:
                    return self._missing(key)
                if exc.code == "InvalidRange":
                    return b""
                raise
            finally:
                if answer is not None:
                    answer.close()
                    answer.release_conn()

    def _look(self, name: str) -> Stat | None:
        with _unavailable():
            try:
                found = self._client.stat_object(self._bucket, name)
            except S3Error as exc:
                if exc.code in MISSING:
                    return None
                raise
        return self._stat(found)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _missing(self, key: str) -> bytes:
        raise KeyError(key)

    def _stat(self, found: Any) -> Stat:
        at = found.last_modified.timestamp() if found.last_modified else 0.0
        return Stat(
            key=found.object_name.removeprefix(self._prefix),
            bytes=found.size or 0,
            modified_us=int(at * 1_000_000),
        )


def _secret(asked: dict[str, str]) -> str:
    """The secret in the file that the URL names; empty when it names none."""
    file = asked.get("password_file")
    return secret_files.read_secret("password_file", file, "store") if file else ""


def _pool(cafile: str | None) -> urllib3.PoolManager:
    """Connections; calls that failed on the way or with 5xx are repeated a few times.

    MinIO says Retry-After: 60 of an object that it cannot read; three times that is too long for one.
    """
    return urllib3.PoolManager(
        maxsize=POOL,
        timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
        retries=urllib3.Retry(
            total=3,
            backoff_factor=0.2,
            status_forcelist=(500, 502, 503, 504),
            respect_retry_after_header=False,
        ),
        ca_certs=cafile,
    )


def _blames_the_object(error: BaseException) -> bool:
    """Whether the server answered, and failed: with an error, or in the middle of the bytes."""
    if isinstance(error, urllib3.exceptions.MaxRetryError):
        return isinstance(error.reason, urllib3.exceptions.ResponseError)
    if isinstance(error, S3Error):
        return error.code not in NOT_LET_IN
    return isinstance(error, urllib3.exceptions.ProtocolError)


@contextmanager
def _unavailable() -> Iterator[None]:
    """Translates vendor errors; their texts may name hosts, never keys or secrets."""
    try:
        yield
    except S3Error as exc:
        look = ": look at key and secret in LINKSHOT_STORE" if exc.code in NOT_LET_IN else ""
        raise StoreUnavailable(f"the artifact store refused ({exc.code}){look}") from exc
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as exc:
        raise StoreUnavailable(
            f"the artifact store does not answer: {explain_or_kind(exc)}"
        ) from exc
