"""What does a text in the box mean: a link, several links, or a search? (pure)"""

import re

WITH_SCHEME = re.compile(r"https?://\S", re.IGNORECASE)
WITHOUT_SCHEME = re.compile(
    r"(?:www\.[^\s/]+\.[^\s/]+|[^\s/@:]+\.[a-z]{2,24}(?::\d+)?/)\S*", re.IGNORECASE
)
"""`www.example.com`, `example.com/page`: an address without its scheme, and no search."""
IDEOGRAPHIC_SPACE = str.maketrans({"　": " "})


def find_urls(text: str) -> list[str]:
    """The addresses, when the text holds nothing else; [] = it is a search."""
    parts = text.translate(IDEOGRAPHIC_SPACE).split()
    if not parts or not all(
        WITH_SCHEME.match(part) or WITHOUT_SCHEME.fullmatch(part) for part in parts
    ):
        return []
    return [part if WITH_SCHEME.match(part) else f"https://{part}" for part in parts]
