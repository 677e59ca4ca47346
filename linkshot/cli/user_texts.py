"""Messages of the command line in English and Chinese.

Not gettext: compiling a catalogue would cost each command more than its own work.
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
    "queued": ("waiting for its turn", "排队等待中"),
    "queued_short": ("waiting for their turn", "个排队等待中"),
    "waiting_for_host": (
        "waiting for its site: one page of a site is visited at a time",
        "等待该网站空闲：同一网站一次只访问一个页面",
    ),
    "waiting_for_host_short": ("waiting for their site", "个等待网站空闲"),
    "waiting_until": (
        "waiting for its site, which asked to be left alone until {until} UTC",
        "该网站要求暂缓访问，等到 {until}（UTC）",
    ),
    "waiting_for_worker": (
        "waiting for a worker: none is running, start {commands}",
        "没有正在运行的抓取进程，请启动 {commands}",
    ),
    "waiting_for_worker_short": ("waiting for a worker", "个等待抓取进程"),
    "worker_starting": ("the worker is starting", "抓取进程正在启动"),
    "worker_starting_short": ("waiting for the worker to start", "个等待抓取进程启动"),
    "waiting_for_dispatch": (
        "waiting to be handed to a worker: nobody does that, start {commands}",
        "没有进程分派任务，请启动 {commands}",
    ),
    "waiting_for_dispatch_short": ("waiting to be handed to a worker", "个等待分派"),
    "not_known": (
        "handed over; how far it is is not known, the queue or the store does not answer",
        "队列或存储没有响应，进度未知",
    ),
    "not_known_short": ("of which it is not known", "个进度未知"),
    "start": ("nobody is at work: start {commands}", "没有进程在处理，请启动 {commands}"),
    "visiting": ("visiting the page… {seconds} s", "正在访问页面… {seconds} 秒"),
    "visiting_short": ("being visited", "个正在访问"),
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
    "incomplete": (
        "The search index is being made again; links may be missing here.",
        "搜索索引正在重建，这里可能还缺少一些链接。",
    ),
    "unvisited": (
        "Links not visited yet: {count}. The words of their pages cannot be found before that.",
        "还没有访问过的链接：{count} 个。在此之前搜不到它们网页里的文字。",
    ),
    "more_than": ("more than {count}", "超过 {count}"),
    "unindexed": (
        "Changes not in the search index yet: {count}.",
        "还没有进入搜索索引的改动：{count} 处。",
    ),
    "unreadable": (
        "Links with a text that is damaged in the store: {count}. Its words cannot be found; "
        "`linkshot verify` names it.",
        "文字在存储中损坏的链接：{count} 个。这些文字里的词搜不到；`linkshot verify` 会列出来。",
    ),
    "unindexed_unknown": (
        "The queue does not answer: how much the search index lacks is not known.",
        "队列没有响应，不知道搜索索引还缺多少内容。",
    ),
    "unindexed_busy": (
        "changes on their way to the search index: {count:,}",
        "正在写入搜索索引的修改：{count:,} 项",
    ),
    "unindexed_idle": (
        "changes that wait for the search index: {count:,}; no indexer is running",
        "等待写入搜索索引的修改：{count:,} 项，没有正在运行的索引进程",
    ),
    "not_running": (
        "Nobody is at work on it: start {commands}.",
        "目前没有进程在处理，请启动 {commands}。",
    ),
    "empty": (
        "No link is kept yet: `linkshot add URL` keeps one.",
        "还没有保存任何链接，可以用 `linkshot add URL` 添加。",
    ),
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
