"""The links of the search table: every kind of text, tag, date and state, in three batches."""

from datetime import UTC, datetime

from linkshot.domain.change_key import unchanged_key
from linkshot.domain.model import IndexDocument, LinkId, TagId

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""The present of the table, for ages like `<7d`."""

TAGS = {
    "ai": frozenset({"t-ai", "t-ai-llm", "t-ai-cc"}),
    "ai/llm": frozenset({"t-ai-llm"}),
    "ai/编译器": frozenset({"t-ai-cc"}),
    "工具": frozenset({"t-tool"}),
    "my tag": frozenset({"t-my"}),
    "empty": frozenset[str](),
}
"""Name of a tag → the ids of it and its children, as the catalogue resolves them."""


def us(text: str) -> int:
    """µs since 1970 of `2026-11-20` or `2026-11-20T08:00`, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def link(
    name: str,
    added: str,
    url: str,
    *,
    title: str = "",
    text: str = "",
    note: str = "",
    tags: tuple[str, ...] = (),
    lang: str = "",
    state: str = "ok",
    status: int | None = 200,
    verdict: str = "good",
    taken: str = "",
    changed: str = "",
    unread: bool = False,
    watched: bool = False,
) -> IndexDocument:
    """A link document; its id is its name."""
    return IndexDocument(
        id=name,
        link_id=LinkId(name),
        rev=1,
        url=url,
        title=title,
        note=note,
        text=text,
        site=url.split("/")[2],
        tag_ids=tuple(map(TagId, tags)),
        language=lang,
        state=state,
        http_status=status,
        verdict=verdict if taken else "",
        unread=unread,
        watched=watched,
        by_added=us(added),
        by_changed=us(changed) + 1 if changed else unchanged_key(us(added)),
        taken_at=us(taken) if taken else 0,
    )


def version(of: IndexDocument, number: int, text: str, seen: tuple[str, str]) -> IndexDocument:
    """A version document of a link: its text from one day to another."""
    return IndexDocument(
        id=f"{of.link_id}:{number:064x}",
        link_id=of.link_id,
        rev=of.rev,
        version=True,
        url=of.url,
        title=of.title,
        note=of.note,
        text=text,
        site=of.site,
        tag_ids=of.tag_ids,
        language=of.language,
        state=of.state,
        http_status=of.http_status,
        verdict=of.verdict,
        unread=of.unread,
        watched=of.watched,
        by_added=of.by_added,
        by_changed=of.by_changed,
        taken_at=of.taken_at,
        seen_from=us(seen[0]),
        seen_to=us(seen[1]),
    )


ZH = link(
    "zh", "2026-11-20", "https://zh.example.com/linkshot/介绍", title="链接快照平台介绍",
    text="链接快照平台可以保存网页的快照，并按标签查找。支持全文搜索，数据不会丢失。",
    note="给团队看的说明", tags=("t-tool",), lang="zh", taken="2026-11-20", unread=True,
)  # fmt: skip
TW = link(
    "tw", "2026-10-02", "https://www.example.tw/", title="連結快照平臺",
    text="這個軟體可以儲存網頁的快照，並支援全文檢索。資料庫與檔案都在本機。",
    tags=("t-tool", "t-my"), lang="zh-TW", taken="2026-10-03",
)  # fmt: skip
GPT = link(
    "gpt", "2026-09-15", "https://blog.example.com/gpt4", title="GPT4模型评测",
    text="我们测试了GPT4模型与大模型API，价格是 $20。模型越大越好吗？Transformer架构图见附录。",
    tags=("t-ai-llm",), lang="zh", taken="2026-11-23", changed="2026-11-22",
)  # fmt: skip
WIDE = link(
    "wide", "2026-08-08", "https://example.com/gateway", title="ＡＰＩ　网关",
    text="ＡＰＩ网关是微服务的入口。Ｎｇｉｎｘ　１．２４　版本①。",
    tags=("t-my",), lang="zh", taken="2026-08-08", verdict="partial",
)  # fmt: skip
JA = link(
    "ja", "2026-07-07", "https://ja.example.org/tower", title="東京タワーの歴史",
    text="東京タワーは1958年に完成した。カタカナとひらがなの文章です。ﾊﾝｶｸ ｶﾅも探せる。人々が集まる。",
    lang="ja", taken="2026-07-07", verdict="doubtful",
)  # fmt: skip
KO = link(
    "ko", "2026-06-06", "https://ko.example.org/", title="한국어 문서",
    text="링크를 저장하면 스냅숏을 찍습니다. 검색은 한국어로도 됩니다.", lang="ko",
    taken="2026-06-06",
)  # fmt: skip
RARE = link(
    "rare", "2026-05-05", "https://food.example.org/yoshinoya", title="𠮷野家",
    text="𠮷野家の牛丼を食べた。𠀋夫な㐂びの字と葛\U000e0100城市。〇〇年。", lang="ja", taken="2026-05-05",
)  # fmt: skip
ARCH = link(
    "arch", "2025-12-31T23:59", "https://en.example.com/search/architecture",
    title="Architecture of search engines",
    text="An archive keeps pages. The architect wrote about full-text search; don't panic, it isn't hard.",
    note="Read before 链接 review", tags=("t-ai",), lang="en", taken="2026-01-02", unread=True,
)  # fmt: skip
CPP = link(
    "cpp", "2025-11-11", "https://en.example.com/langs?q=c%2B%2B", title="C++ primer",
    text="Modern C++ and C# compared. Node.js 24 is out; see snake_case_name and user@example.org.",
    tags=("t-ai-cc", "t-tool"), lang="en", taken="2025-11-11",
)  # fmt: skip
SHOP = link(
    "shop", "2025-05-01", "https://shop.example.net/item/42", title="Teapot 茶壶",
    text="Price: 30 euro. Sold out. 现价 30 欧元，缺货。", lang="en", taken="2026-11-24", watched=True,
    changed="2026-11-01",
)  # fmt: skip
GONE = link(
    "gone", "2024-04-04", "http://old.example.net/lost", title="404 页面不存在",
    text="页面不存在。Not found.", lang="zh", state="gone", status=404, verdict="http_error",
    taken="2026-02-02", watched=True,
)  # fmt: skip
WALL = link(
    "wall", "2024-03-03", "https://wall.example.net/", title="请稍候",
    text="正在验证您的浏览器。", lang="zh", state="blocked", status=403, verdict="blocked", taken="2026-02-03",
)  # fmt: skip
DOWN = link(
    "down", "2024-02-29", "https://down.example.net/deep/path/page.html", state="failing",
    status=None,
)  # fmt: skip
NEW = link(
    "new", "2026-11-24", "https://xn--r8jz45g.example/快照", state="new", status=None, unread=True,
    title="待抓取",
)  # fmt: skip
WORLD = link(
    "world", "2024-01-15", "https://world.example.net/", title="Мир и Κόσμος",
    text="Привет, мир! Мирный город. हिन्दी भाषा में लिखा। שלום עולם. مرحبا بالعالم. Ο ΚΌΣΜΟΣ είναι μεγάλος.",
    lang="ru", taken="2024-01-15",
)  # fmt: skip
EMOJI = link(
    "emoji", "2024-01-14", "https://fun.example.net/", title="发布成功🎉",
    text="好👍🏽，一家人👨\u200d👩\u200d👧出发。zero\u200bwidth soft\u00adhyphen",
    lang="zh", taken="2024-01-14",
)  # fmt: skip
THAI = link(
    "thai", "2024-01-13", "https://th.example.net/", title="ภาษาไทย",
    text="กรุงเทพมหานครเป็นเมืองหลวง น้ำใจ", lang="th", taken="2024-01-13",
)  # fmt: skip
LATIN = link(
    "latin", "2024-01-12", "https://fr.example.net/cafe", title="Cafe\u0301 São Straße",
    text="La \ufb01ne équipe d’İstanbul. L'été à la page №5. naïve coöperation", lang="fr",
    taken="2024-01-12",
)  # fmt: skip
EDGE = link(
    "edge", "2024-01-11", "https://edge.example.net/", title="标题结尾是快",
    text="照片，链接平台。快 照。平台\n接快。中，文、字。电脑软件", note="字段之间", lang="zh",
    taken="2024-01-11",
)  # fmt: skip
LONG = link(
    "long", "2024-01-10", "https://long.example.net/", title="One long word",
    text="x" * 5000 + " 结尾 " + "子曰学而时习之" * 300 + "不亦说乎", taken="2024-01-10",
)  # fmt: skip

WRAP = link(
    "wrap", "2024-01-09", "https://wrap.example.net/", title="版本说明",
    text="改进内存管\n  理子系统，回收\u00a0\n机\n\u2003制，换　\n页，\r\n修复调\n度器\n\n内\n\n核。目\n　录。カタ\nログ。설정\n값。",
    note="换行写的备\n忘录", lang="zh", taken="2024-01-09",
)  # fmt: skip
GLUED = link(
    "glued", "2024-01-08", "https://glued.example.net/iphone15", title="iPhone15发布，Python3.11新特性",
    text="Kubernetes™ and Java™, as shown¹². It takes 10½ hours; step⑦ of H₂O with UTF-8, utf8 and h264. "
    "Commit e83c5163316f89bfbde7d9ab23ca2e25604af290, id a1b2c3d4, e2e v1.2.3 covid19. "
    "OpenJDK™平台 and Jakarta®平台; F#9, C++20标准, ASP.NET8, PR#77.",
    lang="en", taken="2024-01-08",
)  # fmt: skip

VERSIONS = (
    version(
        SHOP, 1, "Price: 10 euro. In stock. 现价 10 欧元，有货。", ("2025-05-01", "2025-06-10")
    ),
    version(
        SHOP, 2, "Price: 20 euro. In stock. 现价 20 欧元，有货。", ("2025-06-11", "2025-12-31")
    ),
    version(
        SHOP, 3, "Price: 30 euro. Sold out. 现价 30 欧元，缺货。", ("2026-11-01", "2026-11-24")
    ),
    version(GONE, 1, "旧页面的内容：价格 15 元。Price list.", ("2024-04-04", "2025-06-30")),
    version(GONE, 2, "页面不存在。Not found.", ("2026-01-01", "2026-02-02")),
    version(ZH, 1, "链接快照平台可以保存网页的快照，并按标签查找。", ("2026-11-20", "2026-11-20")),
)

BATCHES = (
    (ZH, TW, GPT, WIDE, JA, KO, *VERSIONS[:2]),
    (RARE, ARCH, CPP, SHOP, GONE, WALL, *VERSIONS[2:5]),
    (DOWN, NEW, WORLD, EMOJI, THAI, LATIN, EDGE, LONG, WRAP, GLUED, *VERSIONS[5:]),
)
"""Applied one after the other, so that an index has several segments."""
DOCUMENTS: tuple[IndexDocument, ...] = tuple(document for batch in BATCHES for document in batch)
