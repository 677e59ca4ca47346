"""Pages whose bytes are not UTF-8, or that lie about their encoding."""

from __future__ import annotations

from string import Template

from linkshot.samples.loopback import HTML, Answer, Response
from tests.site.markup import Page, fixed, html, paragraphs, read

_BARE = "text/html"
_OLD_META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'


def _written(name: str, charset: str, meta: str = "", content_type: str = _BARE) -> Answer:
    """A page of pages/ in another charset, with whatever it says about itself."""
    text = Template(read(name)).substitute(meta=meta)
    return fixed(Response(body=text.encode(charset), content_type=content_type))


def _late_meta() -> Answer:
    comment = "<!-- " + "这一行只是为了把声明推得很远。" * 40 + " -->\n"
    return _written("gbk.html", "gbk", comment + _OLD_META.format("gbk"))


def _with_bytes(title: str, before: str, raw: bytes, after: str) -> Answer:
    body = html(title, f"<h1>{title}</h1>" + paragraphs(f"{before} @@ {after}"))
    return fixed(Response(body=body.replace(b"@@", raw), content_type=HTML))


def _rare_characters() -> Answer:
    text = Template(read("gbk.html")).substitute(meta='<meta charset="gb18030">')
    text = text.replace("版权归", "生僻字：𠮷野家、㐂寿、𬭚、ꋫ。版权归")
    return fixed(Response(body=text.encode("gb18030"), content_type=_BARE))


PLACES = (
    Page(
        "/gbk",
        "GBK bytes, no charset in the header, an old http-equiv meta says gb2312",
        _written("gbk.html", "gbk", _OLD_META.format("gb2312")),
    ),
    Page(
        "/gbk-meta",
        "GBK bytes, no charset in the header, meta charset=gbk",
        _written("gbk.html", "gbk", '<meta charset="gbk">'),
    ),
    Page("/gbk-bare", "GBK bytes and no declaration at all", _written("gbk.html", "gbk")),
    Page("/gbk-late-meta", "GBK, the meta stands after byte 1,024", _late_meta()),
    Page(
        "/gbk-wrong-header",
        "GBK bytes, meta says gb2312, the header says iso-8859-1",
        _written("gbk.html", "gbk", _OLD_META.format("gb2312"), "text/html; charset=iso-8859-1"),
    ),
    Page("/gb18030", "GB18030 with four-byte characters", _rare_characters()),
    Page(
        "/big5",
        "Big5 bytes, no charset in the header, an old meta says big5",
        _written("big5.html", "big5", _OLD_META.format("big5")),
    ),
    Page("/big5-bare", "Big5 bytes and no declaration at all", _written("big5.html", "big5")),
    Page(
        "/shift_jis",
        "Shift_JIS bytes, no charset in the header, meta says shift_jis",
        _written("shift_jis.html", "shift_jis", _OLD_META.format("Shift_JIS")),
    ),
    Page(
        "/euc-kr",
        "EUC-KR bytes, no charset in the header, meta says euc-kr",
        _written("euc_kr.html", "euc_kr", '<meta charset="euc-kr">'),
    ),
    Page("/utf-16", "UTF-16 with a byte order mark", _written("gbk.html", "utf-16")),
    Page(
        "/bogus-charset",
        "UTF-8 bytes, the header names a charset that does not exist",
        _written("gbk.html", "utf-8", '<meta charset="utf-8">', "text/html; charset=bogus"),
    ),
    Page(
        "/invalid-utf8",
        "UTF-8 with broken bytes in the middle of a sentence",
        _with_bytes("Broken bytes", "Before the break", b"\xe4\xbd\xed\xa0\x80\xff", "and after."),
    ),
    Page(
        "/nul-text",
        "a NUL byte in the text",
        _with_bytes("A hole in the text", "Before the hole", b"\x00", "and after it. 洞的后面。"),
    ),
)
