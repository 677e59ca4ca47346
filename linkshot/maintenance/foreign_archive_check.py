"""Checks a web archive that was uploaded, made by some other program: what it says of itself against what is in it.

It is kept as it came, so nothing found here is damage of the store.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from linkshot.archives.warc_records import BROKEN, READ_BYTES
from linkshot.archives.web_archive import MAX_FILES, MAX_LIST_BYTES, WebArchive
from linkshot.domain.upload_format import WACZ
from linkshot.errors import Damaged

PACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
MAX_REMARKS = 20


def check_foreign_archive(source: BinaryIO, media_type: str) -> list[tuple[str, str]]:
    """Code and sentence of each remark, MAX_REMARKS at most; none when everything fits."""
    remarks: list[tuple[str, str]] = []
    if media_type == WACZ:
        try:
            with zipfile.ZipFile(source) as packed:
                remarks += _package(packed)
        except BROKEN as exc:
            remarks.append(("uploaded.package", f"its list of files cannot be read: {exc}"))
    try:
        source.seek(0)
        with WebArchive(source, media_type) as archive:
            remarks += _records(archive)
    except Damaged as exc:
        remarks.append(("uploaded.broken", exc.message))
    return remarks[:MAX_REMARKS]


def _package(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The list of files names each with its length and hash (WACZ 1.1.1 §5.1; 1.2.0 has the same fields)."""
    names = set(packed.namelist())
    if PACKAGE not in names:
        yield "uploaded.package", f"it has no {PACKAGE}, so nothing tells what belongs to it"
        return
    if len(names) > MAX_FILES or packed.getinfo(PACKAGE).file_size > MAX_LIST_BYTES:
        yield "uploaded.package", "its list of files is too long to be checked"
        return
    listed = {one["path"]: one for one in json.loads(packed.read(PACKAGE))["resources"]}
    for name in sorted(listed.keys() - names):
        yield "uploaded.file", f"it lists {name[:200]}, which is not in it"
    for name in sorted(names - listed.keys() - {PACKAGE, DIGEST}):
        if not name.endswith("/"):
            yield "uploaded.file", f"{name[:200]} is in it and not in its list"
    for name in sorted(listed.keys() & names):
        if not _is_as_listed(packed, name, listed[name]):
            yield "uploaded.hash", f"{name[:200]} is not what its list says"


def _is_as_listed(packed: zipfile.ZipFile, name: str, said: dict[str, object]) -> bool:
    algorithm, _, wanted = str(said.get("hash", "")).rpartition(":")
    if (algorithm or "sha256") not in ("sha256", "md5"):
        return True  # a hash that is not known tells nothing
    digest, size = hashlib.new(algorithm or "sha256", usedforsecurity=False), 0
    with packed.open(name) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest() == wanted and said.get("bytes") in (None, size)


def _records(archive: WebArchive) -> Iterator[tuple[str, str]]:
    answers = archive.answers
    if answers.broken:
        yield "uploaded.broken", f"its records can be read in part only: {answers.broken}"
    if answers.wrong_digests:
        yield (
            "uploaded.digest",
            f"{answers.wrong_digests} of its records are not what their digests say",
        )
    if answers.unresolved:
        said = f"{answers.unresolved} of its records refer to earlier ones that are not in it"
        yield "uploaded.reference", said
    for url in archive.unanswered_pages():
        yield "uploaded.page", f"it lists the page {url[:200]}, of which it has no answer"
