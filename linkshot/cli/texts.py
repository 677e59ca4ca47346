"""What does the first run say, in English and Chinese?"""

import os

SENTENCES: dict[str, tuple[str, str]] = {
    "up_ready": (
        "linkshot is up. Open the address above; Ctrl-C ends it. Everything lies in {data}",
        "linkshot 已启动，打开上面的地址即可；按 Ctrl-C 结束。所有内容保存在 {data}",
    ),
    "samples": (
        "No link was given, so here are three sample pages of our own, served from this machine.",
        "没有给出链接，先用三个自带的示例页面演示，它们由本机提供。",
    ),
    "adding": ("Adding {url}", "正在添加 {url}"),
    "saved": ("Saved: {title}", "已保存：{title}"),
    "failed": ("Not saved: {title} ({why})", "未能保存：{title}（{why}）"),
    "where": ("  in {folder}", "  位于 {folder}"),
    "search": ("Search “{word}” → {total} found", "搜索「{word}」→ 找到 {total} 条"),
    "search_with": ("Search it yourself: {command}", "自己搜索：{command}"),
    "not_found": ("Search “{word}” found nothing yet.", "搜索「{word}」暂时没有结果。"),
    "open": (
        "Open {address} to read, look at and search what you keep.",
        "打开 {address} 阅读、查看和搜索你保存的页面。",
    ),
    "end": (
        "Ctrl-C ends linkshot; what is kept stays in {data}",
        "按 Ctrl-C 结束；保存的内容留在 {data}",
    ),
}


def say(name: str, **facts: object) -> str:
    """The sentence in the language of the terminal (LC_ALL, LC_MESSAGES, LANG)."""
    return SENTENCES[name][1 if is_chinese() else 0].format(**facts)


def is_chinese() -> bool:
    """Whether the terminal's language is Chinese."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return chosen.lower().startswith("zh")
