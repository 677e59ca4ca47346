"""Messages for the notices of an import, in English and Chinese."""

from linkshot.cli.messages import is_chinese

NOTICES: dict[str, tuple[str, str]] = {
    "address.guessed": (
        "where the address ends was guessed; please check it",
        "网址在哪里结束是推断的，请核对",
    ),
    "archived.dropped": (
        "the file says it is archived; linkshot has no archive, the link is in the list",
        "文件标明已归档；linkshot 没有归档状态，链接放在列表里",
    ),
    "columns.dropped": (
        "the row has more columns than the header; what stands behind them was left out",
        "这一行的列比表头多，多出的内容已略去",
    ),
    "credentials_removed": (
        "a name or password in the address was not kept",
        "网址里的用户名或密码没有保存",
    ),
    "date.clamped": (
        "the date lies in the future, today is kept",
        "日期在将来，按今天保存",
    ),
    "date.invalid": ("the date cannot be read", "日期无法识别"),
    "date.kept": (
        "the link was here before and keeps the date it was added; --take-dates takes the earlier one",
        "链接早已收藏，保留原来的添加时间；加上 --take-dates 则改用文件里更早的时间",
    ),
    "favorite.dropped": (
        "the file says it is a favourite; linkshot has no mark for that, a tag can do",
        "文件里标为星标；linkshot 没有星标，可以用标签代替",
    ),
    "folder_end.guessed": (
        "the title or note holds </dl>, which ends a folder; whether it ends there was guessed",
        "标题或备注里有 </dl>（文件夹结束的标记），文件夹是否在这里结束是推断的",
    ),
    "folder_note.dropped": (
        "the folder above it has a description, which was left out; linkshot keeps notes of links only",
        "它上面的文件夹带有说明，已略去；linkshot 只保存链接的备注",
    ),
    "mixed_script": (
        "the name of the site mixes scripts, as look-alikes do",
        "域名混用了不同文字，请留意仿冒网站",
    ),
    "note.cut": ("the note was too long and was cut", "备注过长，已截断"),
    "nul.removed": ("NUL characters were taken out of the words", "文字里的空字符（NUL）已去掉"),
    "quote.unclosed": (
        "a quotation mark in the row never ends; only its first line was taken, please check it",
        "这一行的引号没有结束，只取了第一行，请核对",
    ),
    "scheme_added": ("https:// was put before the address", "网址前补上了 https://"),
    "tag.cut": ("a tag was too long and was cut", "标签过长，已截断"),
    "tag.slash": (
        "a slash inside a folder's name became ∕, because / stands between a tag and its child",
        "文件夹名里的斜杠改成了 ∕，因为 / 用来分隔标签的层级",
    ),
    "tag.too_deep": (
        "a folder had too many levels, the deepest are left out",
        "文件夹层级过深，最深的几层已略去",
    ),
    "tags.guessed": (
        "quotation marks stand astray in the tags; where one tag ends was guessed, please check them",
        "标签里的引号不成对，标签的起止是推断的，请核对",
    ),
    "tags.cut": ("there were too many tags, the first 100 are kept", "标签过多，只保留前 100 个"),
    "title.cut": ("the title was too long and was cut", "标题过长，已截断"),
    "words.dropped": (
        "words behind the bookmark are neither its title nor a note and were left out",
        "书签后面的文字既不是标题也不是备注，已略去",
    ),
    "whitespace_removed": ("line breaks inside the address were taken out", "网址中间的换行已去掉"),
}
"""Code → English, Chinese."""


def notice_message(code: str) -> str:
    """The message in the terminal's language; the code itself where it is unknown."""
    known = NOTICES.get(code)
    return known[1 if is_chinese() else 0] if known else code
