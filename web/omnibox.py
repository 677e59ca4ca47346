"""Decides whether the text in the omnibox is one URL, several, or a search query. (pure)"""

import re

WITH_SCHEME = re.compile(r"https?://\S", re.IGNORECASE)
WITHOUT_SCHEME = re.compile(
    r"(?:www\.[^\s/]+\.[^\s/]+|[^\s/@:]+\.[a-z]{2,24}(?::\d+)?/)\S*", re.IGNORECASE
)
"""`www.example.com`, `example.com/page`: URLs without a scheme, which are no search query."""
IDEOGRAPHIC_SPACE = str.maketrans({"　": " "})


def find_urls(text: str) -> list[str]:
    """The URLs in a text that holds nothing else; an empty list means a search query."""
    parts = text.translate(IDEOGRAPHIC_SPACE).split()
    if not parts or not all(
        WITH_SCHEME.match(part) or WITHOUT_SCHEME.fullmatch(part) for part in parts
    ):
        return []
    return [part if WITH_SCHEME.match(part) else f"https://{part}" for part in parts]
