"""Text that was read in a wrong charset is told from rare text: names, classics, tables of characters."""

import itertools
import random

import pytest

from bench import corpus
from pipelines.mojibake import is_mojibake

SIMPLIFIED = (
    "今天院子里的山茶开了三朵，红的两朵，白的一朵。邻居说这棵树是他祖父种下的，已经有六十年了。下午我们在树下喝茶，"
    "谈到镇上的旧码头，那里从前每天都有船来，现在只剩下几块石头。他的孙子在城里做工，过年的时候会回来看看这个地方。"
)
TRADITIONAL = (
    "這個軟體可以儲存網頁的快照，並支援全文檢索。資料庫與檔案都在本機，使用者不必擔心內容會從網路上消失。"
    "每一次造訪都會留下一個版本，之後可以比較兩個版本的不同，也可以在沒有網路的時候打開來看。"
)
JAPANESE = (
    "港の近くの坂を上ると、古い茶屋がある。看板の字はもう読めないが、店の人は毎朝その前を掃いている。"
    "夏になると子どもたちが氷を食べに来て、縁側に座って船を見ている。東京からの客はあまり来ない。"
)
KOREAN = (
    "항구 근처의 언덕을 올라가면 오래된 찻집이 있다. 간판의 글자는 이제 읽을 수 없지만 주인은 매일 아침 그 앞을 쓸고 있다. "
    "여름이 되면 아이들이 얼음을 먹으러 와서 마루에 앉아 배를 보고 있다."
)
TEXTS = {
    "gb18030": SIMPLIFIED,
    "big5": TRADITIONAL,
    "cp932": JAPANESE,
    "euc_jp": JAPANESE,
    "euc_kr": KOREAN,
    "utf-8": SIMPLIFIED,
}
UNNOTICED = {("euc_jp", "gb18030")}
"""GB 2312 has kana where JIS X 0208 has them."""
PAIRS = [
    (sent_as, read_as)
    for sent_as, read_as in itertools.product(TEXTS, [*TEXTS, "cp1252", "latin-1"])
    if sent_as != read_as and (sent_as, read_as) not in UNNOTICED
]


@pytest.mark.parametrize(("sent_as", "read_as"), PAIRS, ids=map(" as ".join, PAIRS))
def test_east_asian_text_in_a_wrong_charset_is_mojibake(sent_as: str, read_as: str) -> None:
    assert is_mojibake(TEXTS[sent_as].encode(sent_as).decode(read_as, "replace"))


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN])
def test_text_that_was_encoded_twice_is_mojibake(text: str) -> None:
    assert is_mojibake(text.encode().decode("latin-1").encode().decode())
    assert is_mojibake(text.encode().decode("latin-1").encode().decode("cp1252", "replace"))


def _rows(charset: str) -> str:
    """All characters of two bytes of a charset, in its order."""
    codes = itertools.product(range(0x81, 0xFF), range(0x40, 0xFF))
    return "".join(bytes(code).decode(charset, "ignore") for code in codes)


SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤"
GIVEN = (
    "炎焱淼鑫垚翀昊睿轩涵宇梓沐晗熙琪瑶婷雅琳璇珂颖婕薇馨怡钰彤萱妍倩璐芷若曦翊骁铮锴钊铭镕瀚泓濬湜"
)


def _names(count: int) -> str:
    drawn = random.Random(3)
    return "、".join(
        drawn.choice(SURNAMES) + "".join(drawn.choices(GIVEN, k=2)) for _ in range(count)
    )


RARE = {
    "Han ideographs of a radical": "".join(map(chr, range(0x5040, 0x5100))),
    "a Unihan table": "\n".join(f"U+{n:04X} {chr(n)} {chr(n)}" for n in range(0x4E00, 0x5200)),
    "ideographs in any order": "".join(
        random.Random(1).choices([chr(n) for n in range(0x4E00, 0x9FFF)], k=3000)
    ),
    "extension A": "".join(map(chr, range(0x3400, 0x3800))),
    "extension B": "".join(map(chr, range(0x20000, 0x20400))),
    "Kangxi radicals": "".join(map(chr, range(0x2F00, 0x2FD6))) * 3,
    "all syllables of Hangul": "".join(map(chr, range(0xAC00, 0xD7A4))),
    "a table of GB 2312": _rows("gb2312"),
    "a table of Big5": _rows("big5"),
    "a table of JIS": _rows("cp932"),
    "30 names": _names(30),
    "300 names": _names(300),
    "a thousand characters": "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰馀成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国有虞陶唐吊民伐罪周发殷汤坐朝问道垂拱平章",
    "an elegy": "帝高阳之苗裔兮朕皇考曰伯庸摄提贞于孟陬兮惟庚寅吾以降皇览揆余初度兮肇锡余以嘉名名余曰正则兮字余曰灵均纷吾既有此内美兮又重之以修能扈江离与辟芷兮纫秋兰以为佩汩余若将不及兮恐年岁之不吾与朝搴阰之木兰兮夕揽洲之宿莽日月忽其不淹兮春与秋其代序",
    "Greek": "Στο λιμάνι είχε ησυχία και μόνο στην παλιά αποβάθρα ακουγόταν το νερό. " * 4,
    "Thai": "ในท่าเรือเงียบสงบ มีเพียงเสียงน้ำที่ท่าเก่า " * 6,
}


@pytest.mark.parametrize("text", RARE.values(), ids=RARE)
def test_rare_characters_are_no_mojibake(text: str) -> None:
    assert not is_mojibake(text)


def test_words_of_any_characters_are_no_mojibake() -> None:
    drawn = [corpus.text(number, 8000) for number in range(0, 40, 2)]
    assert [text[:20] for text in drawn if is_mojibake(text)] == []
