"""The share of a text's words that another text has. (pure)"""

from collections import Counter

from linkshot.text.tokens import tokens

MAX_CHARS = 2_000_000
"""Of the text that is looked for; longer ones are compared by their beginning."""


def word_recall(wanted: str, found: str) -> float | None:
    """Share of the words of `wanted` that `found` has, each as often; 0 to 1, None without words.

    Words are the tokens of the search index: of Chinese and Japanese each pair of characters.
    """
    looked_for = Counter(tokens(wanted[:MAX_CHARS]))
    if not looked_for:
        return None
    there = Counter(tokens(found[: MAX_CHARS * 2]))
    return (looked_for & there).total() / looked_for.total()
