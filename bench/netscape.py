"""Generates a Netscape bookmark file of any size, deterministic by seed."""

import random
from pathlib import Path

HEAD = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
"""
FOLDERS = (
    "编程/数据库",
    "阅读",
    "Work",
    "Recipes",
    "论文/机器学习",
    "旅行",
    "News",
    "Tools/编译器",
)
TOPICS = 2000
"""Rare tags, on a few links each, beside the frequent ones."""
HOSTS = 5000
WORDS = [
    "链接",
    "快照",
    "平台",
    "数据库",
    "索引",
    "compiler",
    "search",
    "garden",
    "咖啡",
    "地图",
    "history",
    "network",
    "山水",
    "river",
]


def write(path: Path, count: int, seed: int = 7) -> int:
    """Writes `count` distinct links; returns the size in bytes."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        for number in range(count):
            if number % 500 == 0:
                out.write(_folder(rng, closing=number > 0))
            out.write(_link(rng, number))
        out.write("</DL><p>\n</DL><p>\n")
    return path.stat().st_size


def _folder(rng: random.Random, *, closing: bool) -> str:
    name = rng.choice(FOLDERS)
    return ("</DL><p>\n" if closing else "") + f"<DT><H3>{name}</H3>\n<DL><p>\n"


def _link(rng: random.Random, number: int) -> str:
    host = f"site{rng.randrange(HOSTS)}.example"
    title = " ".join(rng.sample(WORDS, 4))
    tags = f"{rng.choice(WORDS)},主题/{rng.randrange(TOPICS)}"
    date = 1_300_000_000 + rng.randrange(400_000_000)
    return (
        f'<DT><A HREF="https://{host}/a/{number}?p={rng.randrange(99)}" ADD_DATE="{date}" '
        f'TAGS="{tags}">{title} {number}</A>\n'
    )
