"""The values of the tide board, the sample page that changes with every visit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

NOTES: tuple[tuple[str, str], ...] = (
    (
        "雾在六点以后散开，对岸的灯一盏一盏熄了。有人托我把一封信带过江，信封上没有写名字，只画了一只鸟。",
        "The fog lifted after six, and the lamps on the far bank went out one by one. Somebody asked "
        "me to carry a letter across; there was no name on it, only a drawing of a bird.",
    ),
    (
        "今天换了一根新缆绳。旧的那根还能用，只是每个结都记得太清楚了，解开它们要花一个上午。",
        "We have a new mooring rope today. The old one would still hold, but it remembers every knot "
        "so well that untying them takes the whole morning.",
    ),
    (
        "两个孩子问我水底下有什么。我说有去年的月亮。他们看了很久，说真的有。",
        "Two children asked me what lies at the bottom. Last year's moon, I said. They looked for a "
        "long while and told me it was there.",
    ),
    (
        "北风三级，船走得慢，客人们反而聊得多。下船的时候，互相都知道了对方种什么菜。",
        "A light north wind; the boat was slow and so the passengers talked. When they stepped "
        "ashore, each knew what the other grows in the garden.",
    ),
    (
        "木牌右下角裂了一道缝，我没有补。写字的时候，粉笔走到那里会轻轻响一声，像有人应了一句。",
        "A crack has opened in the corner of the board and I have left it. When the chalk passes over "
        "it there is a small sound, as if somebody had answered.",
    ),
    (
        "末班船上只有一位客人和一盆茉莉。客人到岸先把茉莉递给我，自己才跨过来。",
        "On the last boat there was one passenger and a pot of jasmine. The passenger handed me the "
        "jasmine first and only then stepped across.",
    ),
    (
        "晴。潮水退得很远，露出一条平时看不见的石路，有人说那才是老渡口。",
        "Clear. The tide went out so far that a stone path showed which nobody sees on other days. "
        "Some say that is where the old landing was.",
    ),
)


def board(visit: int, now: datetime) -> Mapping[str, str]:
    """The values of the page's placeholders: visit is 1, 2, …; now is an aware time."""
    note_zh, note_en = NOTES[(visit - 1) % len(NOTES)]
    phase = visit * 0.9
    curve = (f"{x} {_level(x, phase):.1f}" for x in range(0, 961, 24))
    boat_x = 150 + visit * 97 % 660
    return {
        "visit": str(visit),
        "iso": now.isoformat(timespec="seconds"),
        "when": now.strftime("%Y-%m-%d %H:%M:%S"),
        "sun_x": str(90 + visit * 131 % 780),
        "boat_x": str(boat_x),
        "boat_y": f"{_level(boat_x, phase):.1f}",
        "curve": "M" + " L".join(curve),
        "rows": "\n".join(_rows(visit, now)),
        "note_zh": f"{note_zh}（第 {visit} 次）",
        "note_en": f"{note_en} (Visit {visit}.)",
    }


def _rows(visit: int, now: datetime) -> list[str]:
    """Four tides of the day, about 6 h 12 min apart, high and low in turn."""
    first = now.replace(hour=1 + visit % 5, minute=visit * 7 % 60, second=0)
    tides = []
    for turn in range(4):
        at = first + turn * timedelta(hours=6, minutes=12)
        high = turn % 2 == 0
        height_cm = (412 if high else 96) + (visit * 17 + turn * 5) % 40
        name = '高潮 <span lang="en">high</span>' if high else '低潮 <span lang="en">low</span>'
        tides.append(
            f"<tr><td>{name}</td><td>{at:%H:%M}</td><td>{height_cm / 100:.2f} 米</td></tr>"
        )
    return tides


def _level(x: float, phase: float) -> float:
    """Height of the water in the picture, in its own units from above."""
    return 178 + 44 * math.sin(x / 152 + phase)
