"""Maps CSV columns by name and parses one record. (pure)

Pocket (`title,url,time_added,[cursor],tags,status`), Raindrop (`…,note,excerpt,url,folder,tags,created,…`),
Instapaper (`URL,Title,Selection,Folder[,Timestamp,Tags]`) and any other table with a column of addresses:
columns are found by name, in any order and case. The text of any other column goes to the note, with its name.
"""

import ast
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkshot.domain.model import NewLink
from linkshot.importers.dates import parse_date
from linkshot.importers.list_lines import ListedURL, is_host, read_line, visible_title
from linkshot.importers.tag_fields import tags_of

DELIMITERS = (",", "\t", ";", "|", "，", "；")
NAMES: dict[str, tuple[str, ...]] = {
    "url": (
        "url", "urls", "uri", "href", "link", "links", "link url", "url address", "web address",
        "address", "page url", "page link", "article url", "bookmark url", "original url", "web page",
        "website", "web site", "网址", "链接", "链接地址", "url地址", "网页地址", "网页链接", "网站地址",
        "网页", "网站", "地址", "原文链接", "網址", "連結", "鏈接", "鏈結", "リンク", "アドレス", "링크", "주소",
    ),
    "title": (
        "title", "name", "page title", "link title", "article title", "bookmark title", "标题", "名称",
        "题目", "网页标题", "文章标题", "標題", "名稱", "タイトル", "名前", "제목",
    ),
    "note": (
        "note", "notes", "comment", "comments", "remark", "remarks", "memo", "selection", "extended",
        "备注", "笔记", "注释", "评论", "備註", "筆記", "メモ",
    ),
    "summary": (
        "excerpt", "description", "summary", "desc", "摘要", "描述", "说明", "简介", "說明", "概要",
    ),
    "highlights": ("highlights", "highlight", "annotations", "划线", "高亮"),
    "tags": (
        "tags", "tag", "labels", "label", "keywords", "document tags", "标签", "标记", "关键词",
        "關鍵詞", "標籤", "タグ", "태그",
    ),
    "folder": (
        "folder", "folders", "collection", "category", "categories", "list", "group", "文件夹", "目录",
        "分类", "类别", "收藏夹", "资料夹", "資料夾", "分類", "フォルダ", "フォルダー",
    ),
    "date": (
        "time added", "created", "created at", "date created", "date added", "added", "added at",
        "add date", "timestamp", "date", "time", "saved", "saved at", "saved date", "bookmarked at",
        "添加时间", "添加日期", "创建时间", "创建日期", "收藏时间", "收藏日期", "保存时间", "日期", "时间",
        "建立時間", "日期時間", "時間", "日時", "日付", "追加日",
    ),
    "state": ("status", "state", "location", "状态", "狀態"),
    "unread": ("unread", "toread", "to read", "未读", "未讀"),
    "favorite": ("favorite", "favourite", "favorited", "starred", "is starred", "收藏", "星标", "加星"),
    "archived": ("archived", "is archived", "archive", "已归档", "归档"),
}  # fmt: skip
"""What a column means → the names it has in exports, in English, Chinese, Japanese and Korean."""
INTERNAL = frozenset((
    "#", "no", "nr", "index", "id", "ids", "guid", "uuid", "user id", "folder id", "collection id", "parent id",
    "bookmark id", "item id", "hash", "meta", "cursor", "position", "sort", "order", "cover", "image", "image url",
    "thumbnail", "favicon", "icon", "shared", "public", "private", "domain", "host", "hostname", "updated",
    "updated at", "date updated", "modified", "modified at", "last modified", "date modified", "word count",
    "reading progress", "progress", "seen", "序号", "编号", "封面", "图片", "图标", "域名", "更新时间", "修改时间",
    "序號", "編號", "圖片", "圖示", "網域", "更新時間", "修改時間", "番号", "更新日",
))  # fmt: skip
"""Columns that serve the program that wrote the file, or repeat the address; these are left out."""
MEANINGS = {name: meaning for meaning, names in NAMES.items() for name in names}
WEB = re.compile(r"https?:[/\\]", re.IGNORECASE)
BLANK = re.compile(r"(?:\s|<br\s*/?>)+", re.IGNORECASE)
BETWEEN = re.compile(r"(?:\s|<br\s*/?>|[,;|])+(?=https?://)", re.IGNORECASE)
"""Between two addresses of a cell."""
MARKDOWN = re.compile(r"\]\(\s*<?https?:[/\\]", re.IGNORECASE)
"""Inside a link as Markdown writes it."""
RULE = re.compile(r"(?=[^|]*\|)(?=[^-]*-)[\s|:-]++")
"""Below the header of a table in Markdown."""
TRUE = frozenset({"1", "true", "yes", "y", "x", "是", "✓"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The first record of a table."""

    delimiter: str
    cells: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    """Meaning → columns that have it, those with the surer name first."""
    others: tuple[int, ...] = ()
    """Columns of no known meaning."""
    guessed: bool = False
    """There is no header, and the words behind the addresses may be part of them."""

    @property
    def dialect(self) -> str:
        """`pocket`, `raindrop`, `instapaper`, `pinboard` or nothing."""
        have = set(map(_plain_name, self.cells))
        if {"href", "description", "extended"} <= have:
            return "pinboard"
        if {"time added", "status"} <= have:
            return "pocket"
        if {"url", "selection", "folder"} <= have:
            return "instapaper"
        if {"folder", "tags", "created"} <= have:
            return "raindrop"
        return ""


def is_url_name(text: str) -> bool:
    """Whether it is what a column of addresses is called."""
    return MEANINGS.get(_plain_name(text)) == "url"


def parse_header(line: str) -> Header | None:
    """The header in a line, when one of its columns is known to hold addresses and none of them is one."""
    best: Header | None = None
    for delimiter in DELIMITERS:
        cells = split(line, delimiter)
        header = Header(
            delimiter=delimiter,
            cells=tuple(cells),
            columns=_columns(cells),
            others=tuple(
                at
                for at, name in enumerate(map(_plain_name, cells))
                if name not in MEANINGS and name not in INTERNAL
            ),
        )
        known = sum(map(len, header.columns.values()))
        better = best is None or known > sum(map(len, best.columns.values()))
        if any(map(WEB.match, cells)):
            continue
        if "url" in header.columns and better:
            best = header
    return best


def split(line: str, delimiter: str) -> list[str]:
    """The cells of a record of one line, trimmed."""
    try:
        cells = next(csv.reader([line.strip("\ufeff\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _columns(cells: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        if meaning := MEANINGS.get(_plain_name(cell)):
            found.setdefault(meaning, []).append(index)
    columns = {
        meaning: tuple(sorted(places, key=lambda at: NAMES[meaning].index(_plain_name(cells[at]))))
        for meaning, places in found.items()
    }
    return columns if "title" in columns else _with_title(columns, cells)


def _with_title(
    columns: dict[str, tuple[int, ...]], cells: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Delicious and Pinboard call the title `description` and the note `extended`."""
    names = list(map(_plain_name, cells))
    if "extended" not in names or "description" not in names:
        return columns
    title = names.index("description")
    summary = tuple(at for at in columns["summary"] if at != title)
    return {**columns, "title": (title,), "summary": summary}


def _plain_name(cell: str) -> str:
    return " ".join(re.sub(r"[_\-.]+", " ", cell.casefold()).split())


def addresses(header: Header, cells: Sequence[str]) -> list[ListedURL]:
    """The addresses of a record, each once, with the words of its link in Markdown. A column of addresses may
    hold several, and there may be several such columns; the first one tells what the record is about."""
    said = [
        cells[at].strip() for at in header.columns["url"] if at < len(cells) and cells[at].strip()
    ]
    found: dict[str, ListedURL] = {}
    for index, cell in enumerate(said):
        if index == 0 or WEB.match(cell) or MARKDOWN.search(cell):
            for one in _of_cell(cell):
                found.setdefault(one.url, one)
    return list(found.values()) or [ListedURL(url="")]


def _of_cell(cell: str) -> Iterator[ListedURL]:
    """An address ends at white space; words behind it are none of its own, unless it is a link in Markdown."""
    if MARKDOWN.search(cell):
        yield from read_line(cell)
        return
    if not WEB.match(cell):
        yield ListedURL(url=cell)
        return
    for part in BETWEEN.split(cell):
        url, *rest = BLANK.split(part.strip(",; "), maxsplit=1)
        yield ListedURL(url=url, guessed=bool(rest))


def holds_link(cell: str) -> bool:
    """Whether the cell of a column of addresses has one, as it is or in Markdown."""
    return holds_address(cell) or MARKDOWN.search(cell) is not None


def holds_address(text: str) -> bool:
    """Whether it may be an address: one with any scheme, or a host name."""
    return re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*:\S", text) is not None or is_host(text.strip())


def parse_record(
    header: Header, cells: Sequence[str], now: datetime
) -> tuple[NewLink, tuple[str, ...]]:
    """The link of a record, and codes of what could not be kept."""
    said = {
        meaning: next((cells[at] for at in places if at < len(cells) and cells[at].strip()), "")
        for meaning, places in header.columns.items()
    }
    url, title = said.get("url", "").strip(), visible_title(said.get("title", ""))
    folders, states = _folders(header, said.get("folder", "").strip())
    states |= _states(said)
    listed = (cell for _, cell in _filled(cells, header.columns.get("tags", ())))
    tags, cut = tags_of([tag for cell in listed for tag in _tags(header, cell)], folders)
    added_at, dated = parse_date(said.get("date"), now)
    new = NewLink(
        url=url,
        title="" if title == url else title,
        note="\n\n".join(_notes(header, cells, title)),
        tags=tags,
        added_at=added_at,
        unread="unread" in states,
    )
    dropped = [f"{state}.dropped" for state in ("archived", "favorite") if state in states]
    return new, (*dated, *cut, *dropped)


def _notes(header: Header, cells: Sequence[str], title: str) -> Iterable[str]:
    """What a person wrote, then what the page says of itself, then marked passages, then the text that has no
    other place, with the names of its columns; each text once."""
    places = [
        at for name in ("note", "summary", "highlights") for at in header.columns.get(name, ())
    ]
    texts = dict.fromkeys(cell for _, cell in _filled(cells, places))
    known = {*texts, title}
    more = []
    for at, cell in _rest(header, cells):
        if cell in known:
            continue
        if name := header.cells[at]:
            more.append(f"{name}: {cell}")
        elif not cell.isdecimal():  # else the column counts the records
            more.append(cell)
    return [*texts, "\n".join(more)] if more else texts


def _rest(header: Header, cells: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The text of columns without a meaning, and of those whose meaning another column has already."""
    filled = [_filled(cells, header.columns.get(name, ())) for name in ("title", "folder")]
    surplus = [at for found in filled for at, cell in found[1:] if cell != found[0][1]]
    words = [
        at
        for at, cell in _filled(cells, header.columns["url"])[1:]
        if not (WEB.match(cell) or MARKDOWN.search(cell) or is_host(cell))
    ]
    return iter(_filled(cells, sorted({*header.others, *surplus, *words})))


def _filled(cells: Sequence[str], places: Iterable[int]) -> list[tuple[int, str]]:
    """Column and text of those that have any."""
    return [(at, cells[at].strip()) for at in places if at < len(cells) and cells[at].strip()]


def _states(said: Mapping[str, str]) -> set[str]:
    """`unread`, `archived`, `favorite`."""
    words = {"unread": "unread", "later": "unread", "new": "unread", "未读": "unread",
             "archive": "archived", "archived": "archived", "已归档": "archived"}  # fmt: skip
    found = {words.get(said.get("state", "").strip().casefold(), "")}
    found |= {
        state
        for state in ("unread", "favorite", "archived")
        if said.get(state, "").strip().casefold() in TRUE
    }
    return found - {""}


def _folders(header: Header, folder: str) -> tuple[tuple[str, ...], set[str]]:
    """The path; and the state that a folder of Instapaper is."""
    if header.dialect == "instapaper":
        states = {"unread": "unread", "archive": "archived", "starred": "favorite"}
        state = states.get(folder.casefold())
        return ((), {state}) if state else ((folder,), set())
    if folder.casefold() == "unsorted":
        return (), set()
    return tuple(level.strip() for level in folder.split("/")), set()


def _tags(header: Header, text: str) -> list[str]:
    """A list in JSON or as Python writes it, else parted by what the service parts them by."""
    if text.startswith("["):
        return _listed(text)
    if header.dialect == "pocket":
        return text.split("|")
    if header.dialect == "raindrop":
        return text.split(",")
    if header.dialect == "pinboard" and "," not in text:
        return text.split()
    for signs in (",，、", ";；", "|"):
        if any(sign in text for sign in signs):
            return re.split(f"[{re.escape(signs)}]", text)
    return [text]


def _listed(text: str) -> list[str]:
    for read in (json.loads, ast.literal_eval):
        try:
            values = read(text[:20_000])
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(values, list):
            return [value for value in values if isinstance(value, str)]
    return text.strip("[]").split(",")
