"""Detects the language of a text, with what the page declares as a second witness (pure)."""

import math
import re
from functools import cache

from babel.core import get_global

SAMPLE_CHARS = 4000
MIN_LETTERS = 20
"""With fewer letters the declared language is used."""
MIN_HAN_SHARE = 0.05
"""Of the letters, for a text of many scripts to be in the Chinese language it declares."""
CLOSE = 3.0
"""Largest lead of the likeliest language over the declared one, in log probability by the square root of the
text's bytes. Measured: Danish over Norwegian 2.3, Ukrainian and Russian 3.5, English over German 17."""
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile(r"[\u3041-\u30ff]")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
LETTER = re.compile(r"[^\W\d_]")
DECLARED = re.compile(r"<html\b[^>]{0,1000}?\blang\s*=\s*[\"']?([A-Za-z0-9-]{2,35})", re.IGNORECASE)
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def detect_language(text: str, declared: str = "") -> str:
    """The primary BCP 47 subtag (`zh`, `en`, …); empty if unknown.

    Chinese and Japanese pages often declare "en", so the text decides. The declared language counts for
    short texts, and where it is written in the same script and is either one that is never guessed
    (`yue`, `nds`) or nearly as likely as the guess (`no` and `da`).
    """
    sample = text[:SAMPLE_CHARS]
    claimed = declared.strip().lower().split("-")[0] if TAG.fullmatch(declared.strip()) else ""
    if seen := _by_script(sample):
        # Cantonese, Wu and others are written as Chinese is and differ in the declared name only
        return claimed if claimed and _script(claimed) == _script(seen) else seen
    letters = len(LETTER.findall(sample))
    if letters < MIN_LETTERS:
        return claimed
    if _script(claimed) == "Hani" and len(HAN.findall(sample)) / letters > MIN_HAN_SHARE:
        return claimed
    return _by_words(sample, claimed)


def declared_language(html: str, content_language: str = "") -> str:
    """The value of <html lang>, else the only one of the header Content-Language (RFC 9110, 8.5), or ""."""
    match = DECLARED.search(html[:20_000])
    return match[1] if match else "" if "," in content_language else content_language.strip()


def _by_script(sample: str) -> str:
    letters = len(LETTER.findall(sample)) or 1
    han, kana, hangul = (len(x.findall(sample)) for x in (HAN, KANA, HANGUL))
    if hangul / letters > 0.2:
        return "ko"
    if kana / letters > 0.1:
        return "ja"
    return "zh" if han / letters > 0.15 else ""


def _by_words(sample: str, claimed: str) -> str:
    import py3langid

    _guess_only_common_languages()
    ranked = py3langid.rank(sample)
    guess, best = ranked[0]
    if not claimed or _script(claimed) != _script(guess):
        return str(guess)
    score = dict(ranked).get(claimed)
    near = score is None or (best - score) / math.sqrt(len(sample.encode())) < CLOSE
    return claimed if near else str(guess)


@cache
def _guess_only_common_languages() -> None:
    """Those with a code of two letters (ISO 639-1): of short texts the rare varieties are guessed too often."""
    import py3langid

    py3langid.set_languages([code for code, _ in py3langid.rank("") if len(code) == 2])


def _script(language: str) -> str:
    """The usual script of a language (ISO 15924; CLDR, likely subtags), one for all Chinese; "" if unknown."""
    parts = get_global("likely_subtags").get(language, "").split("_")
    script = parts[1] if len(parts) > 1 else ""
    return "Hani" if script in ("Hans", "Hant") else script
