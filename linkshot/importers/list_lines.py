"""Parses one line of a list of links into addresses and titles. (pure)

An address ends at white space, at a sign no address holds, or at a bracket or quote that was opened before
it; punctuation of a sentence around it is not its own. The rest of the line is the title. The dialects:
`URL Title`, `Title: URL`, `URL | Title` (OneTab), `[Title](URL "…")` (Markdown), `[[URL][Title]]` (Org),
`URL[Title]` (AsciiDoc), `Title <URL>` (reStructuredText), `<a href="URL">Title</a>`, `URL;Title;tag`,
`URL|Title|tag`.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from linkshot.importers.entities import decode_attribute
from linkshot.importers.inline_markup import plain_text

SIMPLE = re.compile(r"https?://(?!\S*[a-z0-9]https?:/)[A-Za-z0-9._~/?#!$&+=%@:-]+", re.IGNORECASE)
"""Nearly all addresses that stand alone on their line."""
BEGIN = re.compile(
    r"https?:[/\\]|(?<![A-Za-z0-9+.:/?=&#-])[A-Za-z][A-Za-z0-9+.-]*://(?=\S)", re.IGNORECASE
)
OTHER = re.compile(
    r"(?:about|blob|chrome|data|facetime|feed|file|geo|irc|javascript|magnet|mailto|news|place|skype|sms"
    r"|tel|urn|vbscript|view-source|xmpp):(?=\S)",
    re.IGNORECASE,
)
"""Schemes without `//` that bookmark lists hold; reported as refused links, not taken for words."""
WHOLE = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)
"""What stands behind these belongs to them, blanks too."""
RUN = re.compile(r"[^\s<>\"`]*")
AUTHORITY = re.compile(
    r"https?:[/\\]+[^/?#\\\s,;|()（）【】《》「」『』，。、；！？]*", re.IGNORECASE
)
PAIRS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【", "》": "《", "」": "「", "』": "『", "〉": "〈",
         "”": "“", "’": "‘", "］": "［", "｝": "｛"}  # fmt: skip
"""Closing → opening."""
WIDE_OPEN = frozenset("（【《「『〈“‘［｛")
STOPS = frozenset("，。、；：！？…｡､")
"""Punctuation of Chinese and Japanese; in an address browsers write it with percent signs."""
FIELDS = re.compile(r"(https?:[/\\]+[^\s;|]+)([;|])(.+)", re.IGNORECASE)
FIELD_BAR = re.compile(r"(?<!\s)\|(?!\s)")
"""Between two fields; with a blank beside it a bar is part of a title (`Page | Site`)."""
WORDS = re.compile(r"[^\W\d_][^/=?&%#:]*")
"""What begins with a letter and has no sign of an address."""
NEXT = re.compile(r"[,;|]+(?=https?:[/\\])", re.IGNORECASE)
LABEL = re.compile(
    r"(?:url|link|href|address|website|网址|網址|链接|連結|地址|鏈接)\s*[:：=,;|，；]?\s*",
    re.IGNORECASE,
)
LEAD = re.compile(
    r"(?:(?:[-*+•·‣◦▪▫●○■□★☆→»>]+(?=[\s\[])|\(?\d{1,6}(?:[.:](?=\s|https?:)|[)、．])|（\d{1,6}）|[①-⑳]|\[[ xX]\](?=\s)|☐|☑|✓)\s*)+"
)
"""Bullets, numbers and boxes at the beginning of a line."""
DATE = re.compile(
    r"[\[(]?(\d{4}[-/.]\d\d?[-/.]\d\d?(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{4}年\d\d?月\d\d?日)[\])]?(?=$|[\s:：,，|-])[\s:：,，|-]*"
)
SEPARATORS = " \t\u3000-–—−|,;:·•→=>/\\，。、；：｜"
JOINING = frozenset(
    {"and", "or", "&", "+", "和", "与", "及", "或", "以及", "und", "et", "y", "see", "cf."}
)
HOST = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})\.?(?::\d{1,5})?(?:[/?#]\S*)?"
    r"|(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:[/?#]\S*)?|localhost(?::\d{1,5})?(?:[/?#]\S*)?"
    r"|\[[0-9a-fA-F:.]+\](?::\d{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
"""An address without a scheme: `example.com/page`."""
SURE = re.compile(
    r"(?:www\.\S+|[^A-Z/\s]+[/:?]\S*"
    r"|[^A-Z/\s]+\.(?:com|org|net|edu|gov|info|biz|dev|app|xyz|top|site|blog|wiki|cloud|shop|news|example|test"
    r"|(?!cc|md|pl|pm|ps|py|rs|sh|so)[a-z]{2}|[^\x00-\x7f]+))"
)
"""One that is no name of a file or a program, though words stand beside it (not `Node.js guide`)."""
ASCIIDOC = re.compile(
    r"(https?:[/\\]+[^?\[\s]+)\[([^\[\]]*[^\W\d_][^\[\]]*)\][\s,;.]*", re.IGNORECASE
)
"""`URL[Title]`. Brackets belong to addresses as well (`/app/[slug]`): only words that cannot, or a bare
host before them, make a title of what stands inside."""
SITE = re.compile(r"https?:[/\\]+[^/?#]+/?", re.IGNORECASE)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
INSIDE = re.compile(
    r"(?:(?<=[a-z0-9])(?<!%[0-9a-f]{2})|(?<=[^\x00-\x7f]))(?=https?:[/\\]{2})", re.IGNORECASE
)
"""Another address, glued to the end of one or to words; not one that is part of it (`/web/https://…`)."""
GLUED = re.compile(r"(?<=[A-Za-z0-9])[^\x00-\x7f]+$")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xad"
"""Of these alone no title is made."""
BADGE = re.compile(r"\[!\[[^\[\]]*\]\(\s*<?$")
"""Before the address of a picture that is the title of a link."""
MARKDOWN_END = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|\(([^()]*)\))?\s*\)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedURL:
    """An address of a line."""

    url: str
    title: str = ""
    note: str = ""
    """Words beside an address whose title is marked as such."""
    tags: tuple[str, ...] = ()
    date: str = ""
    """As written before it."""
    guessed: bool = False
    """Where the address ends is not certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An address and the part of the line that it takes up."""

    start: int
    end: int
    url: str
    title: str = ""
    guessed: bool = False


def read_line(line: str) -> list[ListedURL]:
    """The addresses of a line in order, each once; none when there is none."""
    if SIMPLE.fullmatch(line):
        return [ListedURL(url=line)]
    line = BREAK.sub(" ", line) if "<" in line else line
    found = _saved_tab(line) or _fields(line) or _quoted(line)
    if found:
        return [found]
    if WHOLE.match(line):
        return [ListedURL(url=line)]
    addresses = _addresses(line)
    return _titled(line, addresses) if addresses else _hosts(line)


def _saved_tab(line: str) -> ListedURL | None:
    """`URL | Title` is written by programs: the title is all the rest, as it is, though it be an address."""
    match = re.fullmatch(r"(https?:[/\\]\S+) \|(?: (.*))?", line, re.IGNORECASE)
    if not match:
        return None
    title = (match[2] or "").strip()
    barred = "|" in match[1].partition("?")[0]
    if barred and FIELD_BAR.search(title):
        return None
    guessed = barred or (BEGIN.search(title) is not None and title != match[1])
    return ListedURL(url=match[1], title="" if title == match[1] else title, guessed=guessed)


def is_host(text: str) -> bool:
    """Whether it is an address without a scheme."""
    return HOST.fullmatch(text) is not None


def _fields(line: str) -> ListedURL | None:
    """`URL;Title;tag` or `URL|Title|tag`. Both signs may belong to an address (`;v=1`, `?titles=A|B`): the
    fields behind it must not look like that, and one single word is not split off."""
    match = FIELDS.fullmatch(line)
    if not match or BEGIN.search(match[3]):
        return None
    url, sign, fields = match.groups()
    title, *tags = (
        field.strip() for field in (FIELD_BAR.split(fields) if sign == "|" else fields.split(";"))
    )
    word = title.split(maxsplit=1)[0] if title else ""
    if re.search(r"[=/&%?#]", word) or not re.search(r"[^\W\d_]", word):
        return None
    plain = not re.search(r"\s|[^\x00-\x7f]", fields)
    in_query = sign == "|" and "?" in url
    if plain and (in_query or not tags or any(re.search(r"[=/&%?#]", field) for field in tags)):
        return None
    names = tuple(name for field in tags for name in re.split("[,，]", field) if name.strip())
    return ListedURL(url=url, title=_clean(title), tags=names, guessed=True)


def _quoted(line: str) -> ListedURL | None:
    """A record of a CSV without a header, with all its fields in quotes."""
    match = re.match(r'"[^"]*"([,;\t])"', line)
    if not match:
        return None
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=match[1]))]
    urls = [cell for cell in cells if BEGIN.match(cell)]
    if len(urls) != 1 or " " in urls[0]:
        return None
    return ListedURL(
        url=urls[0], title=" ".join(cell for cell in cells if cell not in ("", urls[0]))
    )


def _addresses(line: str) -> list[_Found]:
    found: list[_Found] = []
    place = 0
    start = LEAD.match(line)
    other = OTHER.match(line, start.end() if start else 0)
    if other:
        run = _run(line, other.start())
        found.append(_Found(start=other.start(), end=other.start() + len(run), url=run))
        place = found[0].end
    behind = place
    while match := BEGIN.search(line, behind):
        behind = match.end()
        if not BADGE.search(line[place : match.start()]):
            found.append(_address(line, place, match.start()))
            place = found[-1].end
            behind = max(place, behind)
    return found


def _address(line: str, place: int, start: int) -> _Found:
    """The one that begins here, with the markup around it; `place` is where the one before ended."""
    before = line[place:start]
    if before.endswith(("[[", "{{")):
        return _wiki(line, start)
    if match := re.search(r"\[url(?:=[\"']?|\])$", before, re.IGNORECASE):
        return _bulletin(line, place + match.start(), start)
    if re.search(r"\]\(\s*<?$", before):
        return _markdown(line, place, start)
    if match := re.search(r"<a\s[^<>]*href\s*=\s*([\"']?)$", before, re.IGNORECASE):
        return _anchor(line, place + match.start(), start, match[1])
    if match := re.search(r"<(?:URL:)?$", before, re.IGNORECASE):
        end = line.find(">", start)
        if end > 0 and not re.search(r"[\s<]", line[start:end]):
            return _Found(start=place + match.start(), end=end + 1, url=line[start:end])
    words = re.search(r"[^\W\d_]", LEAD.sub("", before, count=1))
    return _bare(line, start, prose=place > 0 or words is not None)


def _bulletin(line: str, first: int, start: int) -> _Found:
    """BBCode: `[url=URL]Title[/url]`, `[url]URL[/url]`."""
    match = re.compile(r"([^\s\[\]\"']*)[\"']?(?:\](.*?))?(?:\[/url\]|$)", re.IGNORECASE).match(
        line, start
    )
    if not match:
        return _bare(line, start, prose=False)
    return _Found(start=first, end=match.end(), url=match[1], title=match[2] or "")


def _wiki(line: str, start: int) -> _Found:
    """`[[URL][Title]]`, `[[URL|Title]]`, `{{URL|Title}}`."""
    closing = "]" if line[start - 1] == "[" else "}"
    match = re.compile(rf"[|\{closing}]").search(line, start)
    end = match.start() if match else len(line)
    title = re.compile(rf"(?:\]\[|\|)(.*?){re.escape(closing * 2)}").match(line, end)
    return _Found(
        start=start - 2,
        end=title.end() if title else min(end + 2, len(line)),
        url=line[start:end],
        title=title[1] if title else "",
    )


def _markdown(line: str, place: int, start: int) -> _Found:
    depth, end = 0, start
    if line[start - 1] == "<":
        end = max(line.find(">", start), start)
    while end < len(line) and not (
        line[end].isspace() or line[end] == ">" or (line[end] == ")" and depth == 0)
    ):
        depth += {"(": 1, ")": -1}.get(line[end], 0)
        end += 1
    url = line[start:end]
    end += line[end : end + 1] == ">"
    last = MARKDOWN_END.match(line, end)
    bracket = line.rfind("]", place, start)
    first = _opening(line, place, bracket)
    # a picture inside the title counts by its description
    title = re.sub(r"!\[([^\]]*)\](?:\([^)]*\))?", r"\1", line[first + 1 : bracket]).strip()
    if last and not title:
        title = next(filter(None, last.groups()), "")
    image = first > place and line[first - 1] == "!"
    return _Found(start=first - image, end=last.end() if last else end, url=url, title=title)


def _opening(line: str, place: int, bracket: int) -> int:
    """Where the `[` of this `]` stands."""
    depth = 0
    for index in range(bracket, place - 1, -1):
        depth += {"]": 1, "[": -1}.get(line[index], 0)
        if depth == 0:
            return index
    return place


def _anchor(line: str, first: int, start: int, quote: str) -> _Found:
    end = re.compile(f"[{quote or ' '}>]").search(line, start)
    stop = end.start() if end else len(line)
    title = re.compile(r"[^<>]*>(.*?)</a>", re.IGNORECASE).match(line, stop)
    return _Found(
        start=first,
        end=title.end() if title else stop,
        url=decode_attribute(line[start:stop]),
        title=plain_text(title[1]) if title else "",
    )


def _run(line: str, start: int) -> str:
    match = RUN.match(line, start)
    return match[0] if match else ""


def _bare(line: str, start: int, *, prose: bool) -> _Found:
    """Up to white space, without what belongs to the sentence around it."""
    url = _run(line, start)
    # a comma, semicolon or bar with another address behind it ends this one, unless in its query
    following = NEXT.search(url)
    if following and not BEGIN.search(url, 6, following.start()):
        url = url[: following.start()]
    # another address may follow without any sign; the words glued to its front go with it
    inside = INSIDE.search(url, 8)
    if inside:
        url = GLUED.sub("", url[: inside.start()])
    url, guessed = _before_stop(url, line[:start])
    rest = line[start + len(url) :]
    url, cut = _before_field(url, line[:start], prose=prose)
    if not cut:
        url, cut = _before_words(url, rest)
    alone = not prose and len(url) == len(line) - start
    stripped = _stripped(url, line[:start], alone=alone, prose=prose)
    cut = cut or url[len(stripped) :][:1] in (".", "!")
    title = ""
    end = start + len(url)
    titled = ASCIIDOC.fullmatch(line, start) if "[" in url else None
    if titled and (re.search(r"\s|[^\x00-\x7f]", titled[2]) or SITE.fullmatch(titled[1])):
        stripped, title, end, cut = titled[1], titled[2], len(line), True
    return _Found(
        start=start, end=end, url=stripped, title=title, guessed=guessed or cut or bool(inside)
    )


def _before_stop(run: str, before: str) -> tuple[str, bool]:
    """Up to Chinese punctuation and to brackets of the sentence; and whether words are glued behind it."""
    authority = AUTHORITY.match(run)
    if authority and authority.end() < len(run) and run[authority.end()] not in "/?#\\":
        return authority[0], False
    root = authority.end() if authority else 0
    open_: list[str] = []
    for index, char in enumerate(run):
        if char in STOPS:
            return run[:index], _is_glued(run, index)
        if char in WIDE_OPEN and not _is_wide_bracket_of_url(run, index, root):
            return run[:index], _is_glued(run, index)
        if char in WIDE_OPEN or char in "([{":
            open_.append(char)
        elif char in PAIRS:
            if open_ and open_[-1] == PAIRS[char]:
                open_.pop()
            elif char in before or PAIRS[char] in before or not char.isascii():
                return run[:index], _is_glued(run, index)
    return run, False


def _is_wide_bracket_of_url(run: str, index: int, root: int) -> bool:
    """A wide bracket is part of a title in an address (`/wiki/北京（消歧义）`) when it ends there and
    follows letters beyond ASCII, or begins a name below the first level."""
    closing = next(close for close, begin in PAIRS.items() if begin == run[index])
    before = run[index - 1 : index]
    named = not before.isascii() or (before in "/=_" and index - 1 > root)
    return named and closing in run[index:]


def _is_glued(run: str, index: int) -> bool:
    """Letters beyond ASCII on both sides: the address may go on."""
    return not run[index - 1].isascii() and run[index + 1 : index + 2].isalnum()


def _before_field(url: str, before: str, *, prose: bool) -> tuple[str, bool]:
    """`Title,URL,tag`: a record without a header; its fields end at the sign before the address."""
    sign = before[-1:]
    if sign in url and (sign == "|" or (prose and sign in (",", ";"))):
        return url.partition(sign)[0], sign != "|"
    return url, False


def _before_words(url: str, rest: str) -> tuple[str, bool]:
    """`URL,Title of several words`: a comma, a capital or Han behind it, and more words; or a bar and more words."""
    more = rest[:1].isspace() and re.search(r"[^\W\d_]", rest) and not BEGIN.match(rest.strip())
    address, bar, field = url.partition("|")
    if bar and more and "?" not in address and WORDS.fullmatch(field):
        return address, True
    whole = url.rstrip(",")
    comma = whole.rfind(",")
    word = whole[comma + 1 :]
    if comma < 0 or not WORDS.fullmatch(word):
        return url, False
    if not word[0].isascii() or (word[0].isupper() and more):
        return url[:comma], True
    return url, False


def _stripped(url: str, before: str, *, alone: bool, prose: bool) -> str:
    """Without the punctuation behind it. A full stop or an exclamation mark of an address that stands
    alone is its own: `/wiki/Jeopardy!`."""
    while url:
        last = url[-1]
        mark = last in ".!:" and prose and not alone
        quote = last in "'*_~" and last in before
        bracket = last in ")]}" and url.count(last) > url.count(PAIRS[last])
        if not (last in ",;" or mark or quote or bracket):
            break
        url = url[:-1]
    return url


def _titled(line: str, found: Sequence[_Found]) -> list[ListedURL]:
    """Each address with the words that belong to it: those behind it, else those before it."""
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(line)]
    texts = [line[end:start] for end, start in zip(ends, starts, strict=True)]
    lead = LEAD.match(texts[0])
    first = texts[0][lead.end() :] if lead else texts[0]
    date = DATE.match(first.lstrip())
    words = [first.lstrip()[date.end() :] if date else first, *texts[1:]]
    cleaned = [
        _clean(LABEL.sub("", text) if LABEL.fullmatch(text.strip()) else text) for text in words
    ]
    before = bool(cleaned[0]) and not cleaned[-1]
    made: dict[str, ListedURL] = {}
    for index, one in enumerate(found):
        near = cleaned[index] if before else cleaned[index + 1]
        if index == 0 and not before and cleaned[0]:
            near = f"{cleaned[0]} {near}".strip()
        title = _clean(one.title)
        note = near if title else ""
        listed = ListedURL(url=one.url, title=title or near, note=note, guessed=one.guessed)
        made.setdefault(one.url, replace(listed, date=date[1] if date and index == 0 else ""))
    return list(made.values())


def _clean(text: str) -> str:
    """Words without separators, lone brackets and quotes around them."""
    text = re.sub(r"^\[[^\]]*\]:\s*$", "", text.strip())
    while True:
        before = text
        text = text.strip(SEPARATORS)
        if len(text) > 1 and (text[0], text[-1]) in (('"', '"'), ("'", "'"), ("`", "`")):
            text = text[1:-1]
        for quote in ('"', "`"):
            if text.count(quote) == 1:
                text = text.strip(quote)
        for closing, opening in PAIRS.items():
            if text.startswith(closing) or (text.endswith(closing) and opening not in text):
                text = text.strip(closing)
            if text.endswith(opening) or (text.startswith(opening) and closing not in text):
                text = text.strip(opening)
        if (
            text[:1] in ("[", "(", "（", "【")
            and PAIRS.get(text[-1:]) == text[:1]
            and text.count(text[0]) == 1
        ):
            text = text[1:-1]
        if text == before:
            break
    words = re.sub(r"^[\"'`*_~.]+$", "", " ".join(text.split()))
    return "" if words.casefold() in JOINING else visible_title(words)


def visible_title(title: str) -> str:
    """The words of a title on one line; nothing when nobody can see them."""
    words = " ".join(title.split())
    return words if words.strip(f"{INVISIBLE} ") else ""


def _hosts(line: str) -> list[ListedURL]:
    """Addresses without a scheme: alone, several, or before or behind their title."""
    lead = LEAD.match(line)
    line = line[lead.end() :] if lead else line
    if line.startswith(("/", "\\")) and " " not in line:
        return [ListedURL(url=line)]
    match = re.match(r"(?s)!?\[([^\[\]]*)\]\(<?([^\s()<>]+)>?\)", line)
    if match and is_host(match[2]):
        return [ListedURL(url=match[2], title=_clean(match[1]))]
    words = [word for part in line.split() for word in re.split(r"[,;，；、]+(?=\S)", part)]
    tokens = [word.strip("<>\"'`()（）,;，。；、") for word in words]
    if all(map(is_host, tokens)):
        return [ListedURL(url=token) for token in dict.fromkeys(tokens)]
    first, last = tokens[0], tokens[-1]
    if is_host(first) and SURE.fullmatch(first):
        return [ListedURL(url=first, title=_clean(line.partition(first)[2]))]
    if is_host(last) and SURE.fullmatch(last):
        return [ListedURL(url=last, title=_clean(line.rpartition(last)[0]))]
    return []
