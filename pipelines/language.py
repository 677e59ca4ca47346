"""Detects the language of a text (pure)."""

import re

SAMPLE_CHARS = 4000
MIN_LETTERS = 20
"""With fewer letters the declared language is used."""
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
KANA = re.compile(r"[\u3041-\u30ff]")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
LETTER = re.compile(r"[^\W\d_]")
DECLARED = re.compile(r"<html\b[^>]{0,1000}?\blang\s*=\s*[\"']?([A-Za-z0-9-]{2,35})", re.IGNORECASE)
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def detect_language(text: str, declared: str = "") -> str:
    """The primary BCP 47 subtag (`zh`, `en`, …); empty if unknown.

    The declared language is only the fallback for short texts: Chinese and Japanese pages often
    declare "en".
    """
    sample = text[:SAMPLE_CHARS]
    if seen := _by_script(sample):
        return seen
    if len(LETTER.findall(sample)) < MIN_LETTERS:
        return declared.lower().split("-")[0] if TAG.fullmatch(declared.strip()) else ""
    import py3langid

    return str(py3langid.classify(sample)[0])


def declared_language(html: str) -> str:
    """The value of <html lang>, or ""."""
    match = DECLARED.search(html[:20_000])
    return match[1] if match else ""


def _by_script(sample: str) -> str:
    letters = len(LETTER.findall(sample)) or 1
    han, kana, hangul = (len(x.findall(sample)) for x in (HAN, KANA, HANGUL))
    if hangul / letters > 0.2:
        return "ko"
    if kana / letters > 0.1:
        return "ja"
    return "zh" if han / letters > 0.15 else ""
