"""Serves Debian's own documentation from loopback: real pages that were not written for the test.

Needs the Debian packages debian-handbook, python3.11-doc and debian-reference-zh-cn.
`python -m bench.debian_docs --list` prints what is there; `--serve` serves it until Ctrl-C.
"""

from __future__ import annotations

import argparse
import gzip
import mimetypes
import random
import re
import signal
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import unquote, urlsplit

from linkshot.samples.loopback import LoopbackServer, Request, Response

PACKAGES = "debian-handbook python3.11-doc debian-reference-zh-cn"
_TREES: dict[str, Path] = {
    "handbook-en": Path("/usr/share/doc/debian-handbook/html/en-US"),
    "handbook-zh": Path("/usr/share/doc/debian-handbook/html/zh-CN"),
    "python": Path("/usr/share/doc/python3.11/html"),
    "reference": Path("/usr/share/debian-reference"),
}
_CHINESE = ("handbook-zh", "reference")
_ALLOWED = Path("/usr/share")
"""Symbolic links of the packages lead to other folders below this one, never out of it."""
_NO_PAGES = re.compile(r"(^|/)(search|genindex[^/]*|_sources/.*|_static/.*)\.html$")
_LEAST_CHARACTERS = 400
"""Pages with less text are mere tables of contents or redirects."""
_LEAST_HAN = 200
"""A page counts as Chinese from this many Han characters on; some are not translated yet."""


@dataclass(frozen=True, slots=True)
class DocPage:
    """One HTML page of the packages."""

    path: str
    """Its place on the server, `/tree/…`."""
    file: Path
    title: str
    chinese: bool


class DebianDocs:
    """Serves the packages' HTML on 127.0.0.1; a context manager, or start() and stop()."""

    def __init__(self, port: int = 0) -> None:
        self._server = LoopbackServer(answer, port)

    @staticmethod
    def complete() -> bool:
        """Whether all packages are installed."""
        return all(tree.is_dir() for tree in _TREES.values())

    def start(self) -> Self:
        """Begin to serve; a clear error when none of the packages is installed."""
        if not any(tree.is_dir() for tree in _TREES.values()):
            raise FileNotFoundError(f"no documentation found: apt-get install {PACKAGES}")
        self._server.start()
        return self

    def stop(self) -> None:
        """End the server."""
        self._server.stop()

    def url(self, path: str) -> str:
        """The address of a path such as `/python/about.html`."""
        return self._server.url(path)

    @cached_property
    def pages(self) -> list[DocPage]:
        """Every page worth a link, in a fixed order."""
        return [page for name, tree in _TREES.items() for page in _pages_of(name, tree)]

    def pick(self, n: int, seed: int) -> list[str]:
        """Addresses of n different pages, half of them Chinese, the same ones for the same seed."""
        chance = random.Random(seed)
        chinese = [page for page in self.pages if page.chinese]
        others = [page for page in self.pages if not page.chinese]
        half = min(n // 2, len(chinese))
        chosen = chance.sample(chinese, half) + chance.sample(others, n - half)
        chance.shuffle(chosen)
        return [self.url(page.path) for page in chosen]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def answer(request: Request) -> Response:
    """A file of the packages with its right type; one kept as .gz is unpacked."""
    file = _file_at(request.path)
    if file is None:
        return Response(status=404, content_type="text/plain", body=b"not in these packages")
    return Response(content_type=_content_type(file), body=_read(file))


def bookmarks_file(urls: list[str], seed: int = 0) -> str:
    """The addresses as a Netscape bookmarks file: folders, dates, the pages' own titles."""
    chance = random.Random(seed)
    folders: dict[str, list[str]] = {name: [] for name in _FOLDERS}
    for url in urls:
        folders[_folder(url)].append(_bookmark(url, chance.randrange(1_300_000_000, 1_760_000_000)))
    python, *debian = (_folder_html(name, rows) for name, rows in folders.items())
    inside = "\n".join(debian)
    return (
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">\n'
        "<TITLE>Bookmarks</TITLE>\n<H1>书签 Bookmarks</H1>\n<DL><p>\n"
        f"{python}\n"
        f'<DT><H3 ADD_DATE="1500000000" LAST_MODIFIED="1750000000">操作系统 &amp; Debian</H3>\n'
        f"<DL><p>\n{inside}\n</DL><p>\n</DL><p>\n"
    )


_FOLDERS = {"编程 Python": "python", "手册 Handbook": "handbook", "参考手册": "reference"}


def _folder(url: str) -> str:
    tree = urlsplit(url).path.split("/")[1]
    return next(
        (name for name, start in _FOLDERS.items() if tree.startswith(start)), "手册 Handbook"
    )


def _folder_html(name: str, rows: list[str]) -> str:
    head = f'<DT><H3 ADD_DATE="1480000000">{escape(name)}</H3>\n<DL><p>\n'
    return head + "\n".join(rows) + "\n</DL><p>"


def _bookmark(url: str, added: int) -> str:
    file = _file_at(unquote(urlsplit(url).path))
    title = _title(_read(file).decode("utf-8", "replace")) if file else url
    return f'    <DT><A HREF="{escape(url)}" ADD_DATE="{added}">{escape(title)}</A>'


def _pages_of(name: str, tree: Path) -> list[DocPage]:
    found = []
    for file in sorted((*tree.rglob("*.html"), *tree.rglob("*.html.gz"))):
        path = f"/{name}/{file.relative_to(tree).as_posix().removesuffix('.gz')}"
        if _NO_PAGES.search(path):
            continue
        html = _read(file).decode("utf-8", "replace")
        text = _text(html)
        if len(text) >= _LEAST_CHARACTERS:
            chinese = name in _CHINESE and len(re.findall(r"[一-鿿]", text)) >= _LEAST_HAN
            found.append(DocPage(path, file, _title(html), chinese))
    return found


def _file_at(path: str) -> Path | None:
    """The file of a served path, plain or .gz, or None: nothing outside the packages' folders."""
    parts = PurePosixPath(path).parts[1:]
    if len(parts) < 2 or parts[0] not in _TREES or ".." in parts or "\0" in path:
        return None
    wanted = _TREES[parts[0]].joinpath(*parts[1:])
    for file in (wanted, wanted.with_name(wanted.name + ".gz")):
        if file.is_file() and file.resolve().is_relative_to(_ALLOWED):
            return file
    return None


def _read(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if file.suffix == ".gz" else data


def _content_type(file: Path) -> str:
    kind, _ = mimetypes.guess_type(file.name.removesuffix(".gz"))
    kind = kind or "application/octet-stream"
    return (
        f"{kind}; charset=utf-8" if kind in ("text/html", "text/css", "text/javascript") else kind
    )


def _title(html: str) -> str:
    match = re.search(r"<title[^>]*>(.*?)</title>", html, re.DOTALL | re.IGNORECASE)
    return " ".join(unescape(match[1]).split()) if match else "无题"


def _text(html: str) -> str:
    """About what the page shows; good enough to tell a page from a table of contents."""
    body = re.sub(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]+>", " ", html)
    return " ".join(unescape(body).split())


def main() -> None:
    """Print what there is, or serve it."""
    parser = argparse.ArgumentParser(prog="python -m bench.debian_docs")
    parser.add_argument("--list", action="store_true", help="print the pages found")
    parser.add_argument(
        "--bookmarks", type=int, metavar="N", help="print a bookmarks file of N pages"
    )
    parser.add_argument("--serve", action="store_true", help="serve until Ctrl-C")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with DebianDocs(wanted.port) as docs:
        if wanted.list:
            _print_list(docs)
        if wanted.bookmarks:
            print(bookmarks_file(docs.pick(wanted.bookmarks, wanted.seed)))
        if wanted.serve:
            print(docs.url("/python/index.html"), flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _print_list(docs: DebianDocs) -> None:
    for page in docs.pages:
        print(f"{'zh' if page.chinese else '--'} {docs.url(page.path)}  {page.title}")
    for name, tree in _TREES.items():
        mine = [page for page in docs.pages if page.path.startswith(f"/{name}/")]
        print(f"{name}: {len(mine)} pages, {sum(p.chinese for p in mine)} Chinese, in {tree}")


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
