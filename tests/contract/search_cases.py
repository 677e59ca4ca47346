"""What is found by which query: one table for the oracle and every search index, written by hand.

Expected are ids of links, newest first; with `at:` they are links of which a version is found.
Facets are a subset of those expected. Tags are resolved with TAGS, ages reckoned from NOW.
"""

from dataclasses import dataclass, field

from tests.contract.search_documents import BATCHES, DOCUMENTS, NOW, TAGS
from tests.contract.search_generated import generated

__all__ = ["BATCHES", "CASES", "DOCUMENTS", "NOW", "TAGS", "Case", "generated"]

Facets = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the table."""

    name: str
    query: str
    expected: tuple[str, ...] = ()
    facets: Facets = field(default_factory=dict)


def _case(name: str, query: str, expected: str, facets: Facets | None = None) -> Case:
    return Case(name, query, tuple(expected.split()), facets or {})


ALL = "new zh tw gpt wide ja ko rare arch cpp shop gone wall down world emoji thai latin edge long"

CASES: tuple[Case, ...] = (
    # Han runs are found as substrings
    _case("a Chinese word", "快照", "new zh tw", {"site": {"zh.example.com": 1}}),
    _case("a run is an exact substring", "链接快照平台", "zh"),
    _case("the middle of a run", "接快", "zh edge"),
    _case("characters that are not neighbours", "链接平台", "edge"),
    _case("parts in the wrong order", "平台快照", ""),
    _case("no run over a comma", "中文", ""),
    _case("no run over a space", "照平", "zh tw"),
    _case("no run over a line break", "台接", ""),
    _case("no run over two fields", "快照片", ""),
    _case("a whole sentence", "数据不会丢失", "zh"),
    _case("one Han character at a beginning", "链", "zh arch edge"),
    _case("one Han character in the middle", "会", "zh"),
    _case("one Han character at the end of a run", "快", "new zh tw edge"),
    _case("one Han character standing alone", "字", "rare edge"),
    _case("the beginning of a run", "链接", "zh arch edge"),
    _case("two Han words", "快照 全文", "zh tw"),
    _case("two Han words in a phrase must stand in a row", '"快照 并按"', "zh"),
    _case("a phrase over punctuation", '"的快照，并按标签"', "zh"),
    _case("a phrase whose run must end", '"的快 并按"', ""),
    _case("a long run deep in a text", "学而时习之不亦说乎", "long"),
    _case("a Han word nobody has", "量子", ""),
    # Traditional and Simplified
    _case("simplified finds traditional", "网页", "zh tw"),
    _case("traditional finds simplified", "網頁", "zh tw"),
    _case("traditional finds itself", "資料庫", "tw"),
    _case("simplified finds a traditional word", "资料库", "tw"),
    _case("characters are folded, words are not", "数据库", ""),
    _case("mixed forms in one query", "连結快照", "tw"),
    _case("traditional platform", "平臺", "zh tw edge"),
    # half and full width, mixed scripts
    _case("full-width letters by half-width ones", "API", "gpt wide"),
    _case("half-width letters by full-width ones", "ａｐｉ", "gpt wide"),
    _case("full-width digits", "1.24", "wide"),
    _case("a circled digit", '"版本1"', "wide"),
    _case("Latin and Han in one word", "GPT4模型", "gpt"),
    _case("Latin and Han, the end of a run open", "API网", "wide"),
    _case("Han and Latin, the run must end", '"模型API"', "gpt"),
    _case("Han and Latin, not at the end of the run", '"模API"', ""),
    _case("Latin inside Han", "transformer架构", "gpt"),
    _case("case of letters", "gpt4", "gpt"),
    _case("an ideographic space parts words", "网关　入口", "wide"),
    # Japanese, Korean, supplementary planes
    _case("Kanji and Katakana", "東京タワー", "ja"),
    _case("Katakana", "カタカナ", "ja"),
    _case("Katakana inside a run", "タカ", "ja"),
    _case("Hiragana", "ひらがな", "ja"),
    _case("half-width Katakana by full-width", "ハンカク カナ", "ja"),
    _case("full-width Katakana by half-width", "ｶﾀｶﾅ", "ja"),
    _case("an iteration mark", "人々", "ja"),
    _case("digits beside Kanji", "1958年", "ja"),
    _case("simplified finds Japanese Kanji", "东京", "ja"),
    _case("Hangul with its particle", "링크를", "ko"),
    _case("Hangul without its particle", "링크", "ko"),
    _case("Hangul written in parts", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "ko"),
    _case("a character of plane 2", "𠮷野家", "rare"),
    _case("one character of plane 2", "𠮷", "rare"),
    _case("plane 2 in the middle", "𠀋夫", "rare"),
    _case("not the look-alike of plane 0", "吉野家", ""),
    _case("a variation selector does not matter", "葛城", "rare"),
    _case("the ideographic zero", "〇〇年", "rare"),
    # other scripts
    _case("Thai", "เมืองหลวง", "thai"),
    _case("a part of a Thai run", "เทพ", "thai"),
    _case("Thai sara am in two forms", "น\u0e49\u0e4d\u0e32ใจ", "thai"),
    _case("a Russian word", "мир", "world"),
    _case("a part of a Russian word", "Мирн", ""),
    _case("a Russian prefix", "мирн*", "world"),
    _case("Hindi", "हिन्दी", "world"),
    _case("Hebrew", "שלום", "world"),
    _case("Arabic", "بالعالم", "world"),
    _case("final sigma", "κόσμος", "world"),
    _case("an emoji", "🎉", "emoji"),
    _case("an emoji without its skin", "👍", "emoji"),
    _case("a family of emoji", "👨\u200d👩\u200d👧", "emoji"),
    _case("Han beside an emoji", "成功🎉", "emoji"),
    _case("a zero-width space", "zerowidth", "emoji"),
    _case("a soft hyphen", "softhyphen", "emoji"),
    # Latin words
    _case("a word", "search", "arch"),
    _case("a part of a word", "searc", ""),
    _case("a prefix", "arch*", "arch", {"language": {"en": 1}}),
    _case("a prefix in a title only", "title:archi*", "arch"),
    _case("words in any order", "engines architecture", "arch"),
    _case("a phrase", '"full text search"', "arch"),
    _case("a phrase in the wrong order", '"search text"', ""),
    _case("a phrase over two fields", '"engines an"', ""),
    _case("an apostrophe", "don't", "arch"),
    _case("accents in two forms", "caf\u00e9", "latin"),
    _case("accents count", "cafe title:cafe", ""),
    _case("a ligature", "fine", "latin"),
    _case("sharp s", "STRASSE", "latin"),
    _case("dotted capital I", "istanbul", "latin"),
    _case("a numero sign", "no5", "latin"),
    _case("C++", "c++", "cpp"),
    _case("C#", "c#", "cpp"),
    _case("C finds both", "c", "cpp"),
    _case("a dot inside a name", "node.js", "cpp"),
    _case("an underscore parts words", "snake_case_name", "cpp"),
    _case("an address of mail", "user@example.org", "cpp"),
    _case("a word beyond the limit is cut alike", "x" * 300, "long"),
    _case("a part of a word beyond the limit", "x" * 60, ""),
    _case("lower-case or is a word", "in or stock", ""),
    # fields
    _case("title:", "title:快照", "zh tw"),
    _case("title: with a phrase", 'title:"Node.js"', ""),
    _case("note:", "note:链接", "arch"),
    _case("a note is searched", "团队", "zh"),
    _case("url: by a word of its path", "url:gateway", "wide"),
    _case("url: by a whole address", "url:https://example.com/gateway", "wide"),
    _case("url: decoded", "url:介绍", "zh"),
    _case("an address without a field", "down.example.net/deep", "down"),
    _case("url: by host", "url:shop.example.net", "shop"),
    _case("has:note", "has:note", "zh arch edge"),
    # tags
    _case("a tag", "#工具", "zh tw cpp", {"tag": {"t-tool": 3, "t-my": 1, "t-ai-cc": 1}}),
    _case("a tag with its children", "#ai", "gpt arch cpp"),
    _case("a child", "#ai/编译器", "cpp"),
    _case("a full-width number sign", "＃工具", "zh tw cpp"),
    _case("a tag of two words", '#"my tag"', "tw wide"),
    _case("tag:", "tag:ai/llm", "gpt"),
    _case("without a tag", "快照 -#工具", "new"),
    _case("an empty tag", "#empty", ""),
    _case("not an empty tag", "-#empty 链接快照", "zh"),
    _case("two tags", '#工具 #"my tag"', "tw"),
    _case("untagged", "is:untagged 快照", "new"),
    # sites
    _case("a site with those below", "site:example.com", "zh gpt wide arch cpp",
          {"site": {"en.example.com": 2, "example.com": 1}}),
    _case("one host", "site:en.example.com", "arch cpp"),
    _case("no part of a label", "site:ample.com", ""),
    _case("a site in Unicode", "site:例え.example", "new"),
    _case("not a site", "#ai -site:en.example.com", "gpt"),
    # dates
    _case("added in a year", "added:2025", "arch cpp shop", {"year": {"2025": 3}}),
    _case("added in a month", "added:2026-10", "tw"),
    _case("added on a day", "added:2025-12-31", "arch"),
    _case("added after a day", "added:>2026-10-02", "new zh"),
    _case("added from a day on", "added:>=2026-10-02", "new zh tw"),
    _case("added before", "added:<2024-01-12", "edge long"),
    _case("added up to", "added:<=2024-01-12", "latin edge long"),
    _case("added between", "added:2025-05..2025-11", "cpp shop"),
    _case("added until, open below", "added:..2024-01-11", "edge long"),
    _case("added within a week", "added:<7d", "new zh"),
    _case("added more than a year ago", "added:>1y site:example.com", "cpp"),
    _case("snapshot within a day", "snapshot:<1d", "shop"),
    _case("snapshot before, none does not count", "snapshot:<2024-02", "world emoji thai latin edge long"),
    _case("changed within three days", "changed:<3d", "new gpt"),
    # language, status, states
    _case("a language with its regions", "lang:zh", "zh tw gpt wide gone wall emoji edge",
          {"language": {"zh": 7, "zh-TW": 1}}),
    _case("a region", "lang:zh-tw", "tw"),
    _case("a status", "status:404", "gone", {"status": {"404": 1}, "state": {"gone": 1}}),
    _case("is:gone", "is:gone", "gone"),
    _case("is:blocked", "is:blocked", "wall"),
    _case("is:failing", "is:failing", "down"),
    _case("is:new", "is:new", "new"),
    _case("is:unread", "is:unread", "new zh arch"),
    _case("is:watched", "is:watched", "shop gone"),
    _case("not is:ok", "-is:ok", "new gone wall down", {"state": {"new": 1, "failing": 1}}),
    # all together
    _case("nothing asked", "", ALL),
    _case("a star", "*", ALL),
    _case("OR", "团队 OR 茶壶", "zh shop"),
    _case("a bar", "团队|茶壶|量子", "zh shop"),
    _case("OR binds weaker than words", "快照 团队 OR 茶壶", "zh shop"),
    _case("parentheses", "（团队 OR 软体） 快照", "zh tw"),
    _case("NOT", "快照 NOT 软体", "new zh"),
    _case("minus a phrase", '快照 -"全文检索"', "new zh"),
    _case("minus a group", "快照 -(软体 OR 团队)", "new"),
    _case("only a minus", "-lang:zh -lang:en is:ok", "ja ko rare world thai latin long"),
    _case("NOT of NOT", "NOT NOT lang:en", "arch cpp shop"),
    _case("words and filters", "快照 #工具 lang:zh-tw added:2026", "tw"),
    _case("signs alone restrict nothing", "快照 -- 软体 ，", "tw"),
    _case("an unknown field is text", "price:30", "shop"),
    _case("signs of other query languages are text", "/sear.*/ [* TO *]", ""),
    # older versions
    _case("at: a month", 'at:2025-05 "price: 10"', "shop"),
    _case("at: another text then", 'at:2026-11 "price: 10"', ""),
    _case("at: two texts in one month", "at:2025-06 price", "shop gone"),
    _case("at: Chinese", "at:2025-06 价格", "gone"),
    _case("at: between two versions nothing was seen", "at:2026-03 price", ""),
    _case("at: the last day of a version", "at:2025-06-10 有货", "shop"),
    _case("at: without words", "at:2025", "shop gone"),
    _case("at: with a filter", "at:2025 is:watched site:old.example.net", "gone"),
    _case("at: with a minus", "at:2025-06 price -stock", "gone"),
    _case("at: a version is no link", "旧页面的内容", ""),
)  # fmt: skip
