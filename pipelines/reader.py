"""What is the article, for reading?"""

import html
import re
from typing import Self

from scrapy.crawler import Crawler

from linkshot.domain.model import Capture, Role
from pipelines.article import Article, extract
from pipelines.item import Kept, SnapshotItem
from pipelines.language import declared_in, language_of
from pipelines.media_types import HTML_TYPES
from pipelines.optional_step import attempt
from pipelines.runtime import app_of
from pipelines.sandbox import run_limited

MAX_LINES = 5000
HEADING = re.compile(r"\s*<h1>([^<]*)</h1>")
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><article><h1>{title}</h1>{byline}{body}</article></body></html>
"""
STYLE = (
    ":root{color-scheme:light dark;--paper:#fbfaf7;--ink:#22201c;--muted:#6f6a60;--line:#e6e2d9;"
    "--accent:#1f5f8b}@media(prefers-color-scheme:dark){:root{--paper:#161513;--ink:#ebe7df;"
    "--muted:#a39c8f;--line:#33302a;--accent:#7ab8e0}}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.75 Georgia,'Songti SC',"
    "'Noto Serif SC','Noto Serif CJK SC',serif;overflow-wrap:break-word}"
    "article{max-width:40em;margin:0 auto;padding:24px 20px 64px}"
    "h1{font-size:28px;line-height:1.3;margin:0 0 12px}h2{font-size:22px}h3{font-size:17px}"
    ".byline{color:var(--muted);font-size:13px;margin:0 0 24px}a{color:var(--accent)}"
    "pre{overflow:auto;padding:12px;border:1px solid var(--line);border-radius:6px;font-size:15px}"
    "blockquote{margin:0;padding:0 0 0 16px;border-left:3px solid var(--line);color:var(--muted)}"
    "table{border-collapse:collapse;display:block;overflow:auto}"
    "td,th{border:1px solid var(--line);padding:4px 8px}"
)


class ReaderPipeline:
    """Sets item.article and item.language; keeps `reader.html` and `reader.md` of pages."""

    def __init__(self, wall_s: float) -> None:
        self.wall_s = wall_s

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make a pipeline."""
        return cls(app_of(crawler).settings.extract_timeout_s)

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        """Scrapy calls it for every item."""
        await attempt(item, "reader", self.add_article)
        return item

    def add_article(self, item: SnapshotItem, capture: Capture) -> None:
        """Fill in the article of a capture."""
        is_page = capture.html and capture.media_type in HTML_TYPES
        found = self._find(item, capture) if is_page else Article(text=item.text)
        item.article = found.text
        item.language = language_of(found.text, declared_in(capture.html))
        item.meta |= {k: v for k, v in (("author", found.author), ("published", found.date)) if v}
        if is_page:
            item.meta["reader"] = found.by
            item.kept += views(found, capture, item.language)

    def _find(self, item: SnapshotItem, capture: Capture) -> Article:
        """The article; all visible text when none was found."""
        failed = Article(by="failed")
        found: Article = run_limited(
            extract, capture.html, capture.final_url, default=failed, wall_s=self.wall_s
        )
        if found.by == "failed":
            item.partial.append("reader")
        return found if found.text else _whole(item.text)


def views(found: Article, capture: Capture, language: str) -> list[Kept]:
    """The article as a small page and as Markdown."""
    heading, body = _split(found.html)
    title = " ".join((heading or found.title or capture.title).split())[:512]
    page = PAGE.format(
        language=html.escape(language),
        title=html.escape(title),
        byline=_byline(found, capture),
        body=body,
        style=STYLE,
    )
    first = "" if found.markdown.startswith("# ") or not title else f"# {title}\n\n"
    return [
        _kept("reader.html", "text/html", page),
        _kept("reader.md", "text/markdown", f"{first}{found.markdown}\n"),
    ]


def _split(body: str) -> tuple[str, str]:
    """The text of the heading an article begins with, and the rest."""
    begins = HEADING.match(body)
    return (html.unescape(begins[1]), body[begins.end() :]) if begins else ("", body)


def _kept(name: str, media_type: str, text: str) -> Kept:
    return Kept(
        role=Role.READER,
        name=name,
        media_type=f"{media_type}; charset=utf-8",
        data=text.encode("utf-8", "replace"),
    )


def _whole(text: str) -> Article:
    lines = [line for line in text.splitlines() if line][:MAX_LINES]
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return Article(html=body, markdown="\n\n".join(lines), text=text, by="text")


def _byline(found: Article, capture: Capture) -> str:
    parts = [part for part in (found.author, found.date, capture.final_url) if part]
    return f'<p class="byline">{html.escape(" · ".join(parts))}</p>'
