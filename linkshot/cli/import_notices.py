"""Translates the notices of an import for the terminal."""

from linkshot.cli.user_texts import is_chinese
from linkshot.domain.import_notices import NOTICES

CHINESE = {
    "address.guessed": "网址在哪里结束是推断的，请核对",
    "archived.dropped": "文件标明已归档；linkshot 没有归档状态，链接放在列表里",
    "charset.guessed": "这一行与文件的编码不同，按推断的编码读出，请核对",
    "columns.dropped": "这一行的列比表头多，多出的内容已略去",
    "comment.dropped": "标题、备注里或后面的注释（<!-- … -->）已略去",
    "credentials_removed": "网址里的用户名或密码没有保存",
    "date.clamped": "日期在将来，按今天保存",
    "date.invalid": "日期无法识别",
    "date.kept": "链接早已收藏，保留原来的添加时间；加上 --take-dates 则改用文件里更早的时间",
    "favorite.dropped": "文件里标为星标；linkshot 没有星标，可以用标签代替",
    "folder_end.guessed": "标题或备注里有 </dl>（文件夹结束的标记），文件夹是否在这里结束是推断的",
    "folder_note.dropped": "它上面的文件夹带有说明，已略去；linkshot 只保存链接的备注",
    "fragment.dropped": "网址与已收藏的链接只有 # 后面的部分不同，这部分没有保存",
    "mixed_script": "域名混用了不同文字，请留意仿冒网站",
    "note.cut": "备注过长，已截断",
    "note.dropped": "链接已有备注，加上这条会超出长度上限，这条备注没有保存",
    "note.joined": "链接已有备注，这条备注接在后面",
    "nul.removed": "文字里的空字符（NUL）已去掉",
    "quote.unclosed": "这一行的引号没有结束，只取了第一行，请核对",
    "restored": "链接原在回收站，已经恢复",
    "scheme_added": "网址前补上了 https://",
    "tag.cut": "标签过长，已截断",
    "tag.slash": "文件夹名里的斜杠改成了 ∕，因为 / 用来分隔标签的层级",
    "tag.too_deep": "文件夹层级过深，最深的几层已略去",
    "tags.guessed": "标签里的引号不成对，标签的起止是推断的，请核对",
    "tags.cut": "标签过多，只保留前 100 个",
    "title.cut": "标题过长，已截断",
    "title.kept": "链接已有别的标题，保持不变；要改请用 linkshot edit LINK --title TEXT",
    "trash.kept": "链接在回收站里，留在原处，这一行的内容没有采用",
    "words.dropped": "书签后面的文字既不是标题也不是备注，已略去",
    "whitespace_removed": "网址中间的换行已去掉",
}
"""Code → Chinese."""
ADVICE = {
    "date.kept": "; --take-dates takes the earlier one",
    "title.kept": ": linkshot edit LINK --title TEXT",
}
"""Code → what only the command line can do about it; CHINESE has it already."""


def notice_message(code: str) -> str:
    """The message in the terminal's language, to stand inside a line; the code itself where it is unknown."""
    if code not in NOTICES:
        return code
    if is_chinese():
        return CHINESE[code]
    text = NOTICES[code].removesuffix(".")
    start = text[0] if text[1].isupper() else text[0].lower()
    return f"{start}{text[1:]}{ADVICE.get(code, '')}"
