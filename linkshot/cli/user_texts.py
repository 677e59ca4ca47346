"""Messages of the command line in English and Chinese.

Only what the pages do not say: a sentence of both front ends has its source in the core and its Chinese
in web/locales (linkshot/cli/language.py).
"""

import os

MESSAGES: dict[str, tuple[str, str]] = {
    "up_ready": (
        "linkshot is up: open the address above; Ctrl-C ends it. Everything lies in {data}",
        "linkshot 已启动：打开上面的地址即可，按 Ctrl-C 结束。所有内容保存在 {data}",
    ),
    "samples": (
        "No link was given: here are three sample pages, served from this machine.",
        "没有给出链接，先用三个示例页面演示，它们由本机提供。",
    ),
    "adding": ("Adding {url}", "正在添加 {url}"),
    "progress": ("{done} of {total} done, {seconds} s", "已完成 {done}/{total}，{seconds} 秒"),
    "saved": (
        "Saved “{title}”: {files} files, {size}",
        "已保存《{title}》：{files} 个文件，{size}",
    ),
    "unchanged": ("Nothing new on “{title}”", "《{title}》没有变化"),
    "failed": ("Not saved “{title}”: {why}", "未能保存《{title}》：{why}"),
    "where": ("Its list of files: {path}", "文件清单：{path}"),
    "search": ("Search {word}: {total} found", "搜索 {word}：找到 {total} 条"),
    "not_found": ("Search {word}: nothing found yet", "搜索 {word}：暂时没有结果"),
    "how_to_add": ("`linkshot add URL` keeps one.", "可以用 `linkshot add URL` 添加。"),
    "search_with": ("Search it yourself:", "自己搜索："),
    "open": ("Read, look and search here:", "在这里阅读、查看和搜索："),
    "opened": ("Opened in your browser.", "已在浏览器中打开。"),
    "open_yourself": (
        "No browser could be opened from here; open the address above yourself.",
        "这里打不开浏览器，请自己打开上面的地址。",
    ),
    "open_nobody": (
        "No linkshot of this data folder is running here: `linkshot up` starts it and prints its address.",
        "这个数据目录的 linkshot 没有在运行：用 linkshot up 启动，它会显示要打开的地址。",
    ),
    "end": (
        "Ctrl-C ends linkshot; what is kept stays in {data}",
        "按 Ctrl-C 结束；保存的内容留在 {data}",
    ),
    "ended": ("linkshot has ended; everything is kept.", "linkshot 已结束，内容都已保存。"),
    "ending": ("Ending the visits under way…", "正在结束进行中的访问……"),
}


def message(name: str, **facts: object) -> str:
    """The message in the terminal's language (LC_ALL, LC_MESSAGES, LANG)."""
    return MESSAGES[name][1 if is_chinese() else 0].format(**facts)


def is_chinese() -> bool:
    """Whether the terminal's language is Chinese."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return chosen.lower().startswith("zh")
