"""An ArtifactStore on any S3 server, by plain calls of the MinIO client."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from linkshot import secret_files
from linkshot.errors import ConfigError, StoreUnavailable
from linkshot.ports import Stat
from linkshot.reaching import why_or_kind
from linkshot.store_keys import check_key, check_prefix

CONNECT_S, READ_S = 10.0, 60.0
"""The client's own defaults are five minutes each."""
POOL = 32
FORM = "LINKSHOT_STORE has the form s3+https://KEY:SECRET@HOST/BUCKET[/PREFIX][?region=NAME]"
OPTIONS = {"region", "cafile", "password_file"}
MISSING = ("NoSuchKey", "NoSuchObject", "NoSuchBucket")
NOT_LET_IN = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")


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
        with _unavailable():
            if isinstance(data, Path):
                self._client.fput_object(self._bucket, name, str(data), media_type)
            else:
                self._client.put_object(self._bucket, name, io.BytesIO(data), len(data), media_type)

    def create(self, key: str, data: bytes) -> bool:
        """See ArtifactStore.create: `If-None-Match: *` (RFC 9110 §13.1.2), honoured by S3."""
        name = self._name(key)
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

    def open(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """See ArtifactStore.open."""
        name = self._name(key)
        if length == 0:
            return b"" if self.stat(key) else self._missing(key)
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

    def stat(self, key: str) -> Stat | None:
        """See ArtifactStore.stat."""
        name = self._name(key)
        with _unavailable():
            try:
                found = self._client.stat_object(self._bucket, name)
            except S3Error as exc:
                if exc.code in MISSING:
                    return None
                raise
        return self._stat(found)

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
        if errors:
            raise StoreUnavailable(f"the artifact store did not delete: {errors[0].code}")

    def close(self) -> None:
        """See ArtifactStore.close."""
        if self._pool is not None:
            self._pool.clear()

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
    """What lies in the file that the URL names; empty when it names none."""
    file = asked.get("password_file")
    return secret_files.read("password_file", file, "store") if file else ""


def _pool(cafile: str | None) -> urllib3.PoolManager:
    """Connections; calls that failed on the way or with 5xx are repeated a few times."""
    return urllib3.PoolManager(
        maxsize=POOL,
        timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
        retries=urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        ca_certs=cafile,
    )


@contextmanager
def _unavailable() -> Iterator[None]:
    """Vendor errors become ours; their texts may name hosts, never keys or secrets."""
    try:
        yield
    except S3Error as exc:
        look = ": look at key and secret in LINKSHOT_STORE" if exc.code in NOT_LET_IN else ""
        raise StoreUnavailable(f"the artifact store refused ({exc.code}){look}") from exc
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as exc:
        raise StoreUnavailable(f"the artifact store does not answer: {why_or_kind(exc)}") from exc
