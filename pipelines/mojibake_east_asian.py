"""Tells East Asian text that was read in a charset of another country, by reading its bytes again (pure).

Every pair of bytes is some character in most of these charsets, so wrong text has no impossible signs: it is
made of characters that hardly any text uses. So are a table of characters and a list of rare names. What sets
mojibake apart is that its bytes are text in another charset.
"""

import re
from collections import Counter
from itertools import pairwise

CHARSETS = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "utf-8")
SAMPLE_CHARS = 10_000
"""From the first character beyond ASCII."""
MIN_CHARS = 60
"""Beyond ASCII; fewer are no sample of a language."""
EAST_ASIAN = re.compile(r"[\u3041-\u318e\u3400-\u9fff\uac00-\ud7a3\ue000-\uf8ff\uff61-\uff9f]")
"""What these charsets show instead of text; half of the characters beyond ASCII at least."""
FREQUENT = frozenset(
    "的一是不了在人有我他这這个個大中来來上国國和地到们們为為以时時要就出会會可下对對生能而子那得于於着著自之年过過发發后後作里裡用道行所然"
    "家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心本前开開但因只从從想日新文月站网網頁页"
    "市県区東京話使名電号高内者場合回見間水公書城山工全第无無请請关關于信息标標提示"
    "あいうえおかがきくけこさしじすせそただちっつてでとなにねのはばまみめもやよらりるれろわをん"
    "アイカクグスタデトフラリルレロンィュャョッー"
    "다이니는하에를을로수의가지입습은있합사용해한리자서스어인할으기고"
)
"""The most frequent characters of Chinese, Japanese and Korean."""
FREQUENT_SHARE = 0.2
"""Of the characters beyond ASCII: text has a quarter and more of them, wrongly read text a sixth at most."""
READABLE_SHARE, TIMES_AS_READABLE = 0.24, 2
"""Of the same bytes read in another charset: from which they are text there, and how many times as frequent
these characters must be there."""
ENCODABLE_SHARE = 0.9
"""Of the characters beyond ASCII; a text that a charset lacks was not read in it."""
VARIETY = 0.85
"""Different characters of all: text repeats itself, a table of characters does not."""
IN_ORDER_SHARE = 0.75
"""Of the characters, how many follow the one before by code point; of a text it is a half, of a table in the
order of any charset nearly all."""


def is_text_of_another_charset(text: str) -> bool:
    """Whether the characters beyond ASCII are hardly those of a text, and their bytes are one elsewhere."""
    start = next((at for at, char in enumerate(text) if not char.isascii()), len(text))
    sample = text[start : start + SAMPLE_CHARS]
    beyond = sum(not char.isascii() for char in sample)
    if beyond < MIN_CHARS or len(EAST_ASIAN.findall(sample)) < beyond / 2:
        return False
    letters = [char for char in sample if not char.isascii()]
    shown = frequent_share(sample)
    if shown >= FREQUENT_SHARE or _is_in_order(letters) or len(set(letters)) > VARIETY * beyond:
        return False
    least = max(READABLE_SHARE, TIMES_AS_READABLE * shown)
    return any(_share_elsewhere(sample, one, beyond) > least for one in CHARSETS)


def _share_elsewhere(sample: str, read_as: str, beyond: int) -> float:
    """The greatest share of frequent characters, when this was read in one charset and is in another."""
    raw = sample.encode(read_as, "ignore")
    lost = len(sample) - len(raw.decode(read_as, "ignore"))
    if lost > (1 - ENCODABLE_SHARE) * beyond:
        return 0.0
    others = (raw.decode(other, "ignore") for other in CHARSETS if other != read_as)
    return max(frequent_share(other, beyond / 4) for other in others)


def frequent_share(text: str, least: float = 1) -> float:
    """The share of frequent characters among those beyond ASCII; 0 of less than `least`, and of a table
    of characters."""
    letters = [char for char in text if not char.isascii() and char.isalpha()]
    counts, total = Counter(letters), len(letters)
    if total < least or len(counts) > VARIETY * total or _is_in_order(letters):
        return 0.0
    return sum(counts[char] for char in FREQUENT & counts.keys()) / total


def _is_in_order(letters: list[str]) -> bool:
    """Whether these are the characters of a table."""
    steps = [one < after for one, after in pairwise(letters) if one != after]
    return sum(steps) > IN_ORDER_SHARE * len(steps)
