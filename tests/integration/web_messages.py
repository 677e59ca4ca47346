"""The sentences in the sources of web, found by Babel, for the completeness test."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from jinja2.ext import babel_extract

WEB = Path(__file__).parent.parent.parent / "web"
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None, "QuerySyntax": None}
CORE = [
    WEB.parent / "linkshot" / "domain" / "error_texts.py",
    WEB.parent / "linkshot" / "domain" / "failure_details.py",
    WEB.parent / "linkshot" / "domain" / "failures.py",
    WEB.parent / "linkshot" / "domain" / "fidelity_texts.py",
    WEB.parent / "linkshot" / "domain" / "import_notices.py",
    WEB.parent / "linkshot" / "domain" / "provenance_texts.py",
    WEB.parent / "linkshot" / "domain" / "reason_texts.py",
    WEB.parent / "linkshot" / "domain" / "stage_texts.py",
    WEB.parent / "linkshot" / "domain" / "visit_texts.py",
    WEB.parent / "linkshot" / "cli" / "queries.py",
    WEB.parent / "linkshot" / "cli" / "visit_results.py",
    WEB.parent / "linkshot" / "use_cases" / "incomplete_notes.py",
    *(WEB.parent / "linkshot" / "query").glob("*.py"),
]
"""Core files whose words are said by the pages too."""


def found() -> Catalog:
    """Every message with where it stands."""
    catalogue = Catalog(locale="zh_CN", fuzzy=False)
    for path in sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html"), *CORE]):
        data = BytesIO(path.read_bytes())
        method = "python" if path.suffix == ".py" else babel_extract
        options = {"encoding": "utf-8"} | ({"trimmed": "false"} if path.suffix == ".html" else {})
        for line, message, comments, _ in extract(method, data, KEYWORDS, (), options):
            where = [(path.relative_to(WEB.parent).as_posix(), line)]
            catalogue.add(message, locations=where, auto_comments=comments)
    return catalogue
