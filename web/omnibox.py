"""What does a text in the box mean: a link, several links, or a search? (pure)"""

import re

SCHEME = re.compile(r"https?://\S", re.IGNORECASE)
BARE = re.compile(r"(?:www\.[^\s/]+\.[^\s/]+|[^\s/@:]+\.[a-z]{2,24}(?::\d+)?/)\S*", re.IGNORECASE)
"""`www.example.com`, `example.com/page`: an address without its scheme, and no search."""
WIDE = str.maketrans({"　": " "})


def addresses(text: str) -> list[str]:
    """The addresses, when the text holds nothing else; [] = it is a search."""
    parts = text.translate(WIDE).split()
    if not parts or not all(SCHEME.match(part) or BARE.fullmatch(part) for part in parts):
        return []
    return [part if SCHEME.match(part) else f"https://{part}" for part in parts]
