"""Bytes without a declared charset: those that are not UTF-8 are never read as UTF-8."""

import pytest

from pipelines import charset

JAPANESE = "港の近くの坂を上ると、古い茶屋がある。看板の字はもう読めない。"
RUSSIAN = "В городе было тихо, и только у старого причала шумела вода."
CHINESE = "镇上的瓦是红的，因为泥是红的；泥是红的，因为山里有铁。"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (JAPANESE[:6], "cp932"), (f"name,{JAPANESE[:4]}\n" * 3, "cp932"),
        (RUSSIAN, "windows-1251"), (RUSSIAN[:8], "windows-1251"), (RUSSIAN, "koi8-r"), (CHINESE, "gb18030"),
        (CHINESE[:8], "gb18030"), ("été à Noël", "cp1252"),
    ],
)  # fmt: skip
def test_text_is_read_in_the_charset_of_its_bytes(text: str, codec: str) -> None:
    assert charset.decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (JAPANESE, "cp932"),
        (RUSSIAN, "windows-1251"),
        (CHINESE, "gb18030"),
        ("été à Noël", "cp1252"),
    ],
)
def test_without_an_answer_of_the_detection_it_is_still_not_utf_8(
    text: str, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing:
        def best(self) -> None: ...

    monkeypatch.setattr("charset_normalizer.from_bytes", lambda _body: Nothing())
    assert charset.decode(text.encode(codec)) == text
