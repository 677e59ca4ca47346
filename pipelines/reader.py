"""Renders the article of a page for reading, as `reader.html` and `reader.md`."""

import html
import re
import threading
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from linkshot.domain.media_sniffing import HTML_TYPES
from linkshot.domain.model import Capture, FrozenFrame, Role
from pipelines import flattened_page
from pipelines.article import MIN_RATIO, Article, extract_article
from pipelines.item import PendingArtifact, SnapshotItem
from pipelines.language import declared_language, detect_language
from pipelines.optional_step import run_optional
from pipelines.runtime import app_of
from pipelines.sandbox import run_sandboxed

MAX_LINES = 5000
SAMPLE_PAGE = (
    "<html><body><p>A page that makes parsers and models load what they need.</p></body></html>"
)
LEADING_HEADING = re.compile(r"\s*<h1>([^<]*)</h1>")
PAGE_TEMPLATE = """<!doctype html>
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
    """Sets item.article and item.language; adds `reader.html` and `reader.md` of pages."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._is_warm = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(app_of(crawler).settings.extract_timeout_s)
        crawler.signals.connect(made.warm_up, signals.request_reached_downloader)
        return made

    def warm_up(self) -> None:
        """Loads parsers and language models in a thread while the first page of the worker is visited.

        They take half a second of CPU, and a visit waits most of its time.
        """
        if not self._is_warm:
            self._is_warm = True
            threading.Thread(target=_load_models, daemon=True).start()

    async def process_item(self, item: SnapshotItem) -> SnapshotItem:
        await run_optional(item, "reader", self.add_article)
        return item

    def add_article(self, item: SnapshotItem, capture: Capture) -> None:
        is_page = capture.html and capture.media_type in HTML_TYPES
        found = self._extract(item, capture) if is_page else Article(text=item.text)
        item.article = found.text
        item.language = detect_language(
            found.text,
            declared_language(capture.html, capture.headers.get("content-language", "")),
        )
        item.meta |= {k: v for k, v in (("author", found.author), ("published", found.date)) if v}
        if is_page:
            item.meta["reader"] = found.extractor
            item.artifacts += render_reader(found, capture, item.language)

    def _extract(self, item: SnapshotItem, capture: Capture) -> Article:
        """The article, or all visible text if none was found."""
        failed = Article(extractor="failed")
        frozen = capture.frozen
        is_nested = frozen is not None and flattened_page.is_nested(frozen)
        nested = flattened_page.without_resources(frozen.main) if frozen and is_nested else None
        found: Article = run_sandboxed(
            extract_page_article,
            capture.html,
            nested,
            capture.final_url,
            item.text,
            default=failed,
            timeout_s=self.timeout_s,
        )
        if found.extractor == "failed":
            item.partial.append("reader")
        if found.text:
            return found
        lines = [line for line in item.text.splitlines() if line][:MAX_LINES]
        body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return Article(html=body, markdown="\n\n".join(lines), text=item.text, extractor="text")


def _load_models() -> None:
    run_sandboxed(extract_page_article, SAMPLE_PAGE, None, "", "", default=None)
    detect_language(SAMPLE_PAGE)


def extract_page_article(html: str, nested: FrozenFrame | None, url: str, text: str) -> Article:
    """The article of a page, of its flattened form if it has shadow roots or frames and notably more
    stands there: frames hold advertisements and comments, too. Runs in the sandbox process."""
    plain = extract_article(html, url, text)
    if nested is None:
        return plain
    flat = extract_article(flattened_page.flatten(nested), url, text)
    return flat if len(flat.text) >= max(MIN_RATIO * len(plain.text), 1) else plain


def render_reader(found: Article, capture: Capture, language: str) -> list[PendingArtifact]:
    """The article as an HTML page and as Markdown."""
    begins = LEADING_HEADING.match(found.html)
    heading = html.unescape(begins[1]) if begins else ""
    body = found.html[begins.end() :] if begins else found.html
    title = " ".join((heading or found.title or capture.title).split())[:512]
    byline = " · ".join(filter(None, (found.author, found.date, capture.final_url)))
    page = PAGE_TEMPLATE.format(
        language=html.escape(language),
        title=html.escape(title),
        byline=f'<p class="byline">{html.escape(byline)}</p>',
        body=body,
        style=STYLE,
    )
    first = "" if found.markdown.startswith("# ") or not title else f"# {title}\n\n"
    return [
        _artifact("reader.html", "text/html", page),
        _artifact("reader.md", "text/markdown", f"{first}{found.markdown}\n"),
    ]


def _artifact(name: str, media_type: str, text: str) -> PendingArtifact:
    return PendingArtifact(
        role=Role.READER,
        name=name,
        media_type=f"{media_type}; charset=utf-8",
        data=text.encode("utf-8", "replace"),
    )
