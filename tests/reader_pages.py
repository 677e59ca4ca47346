"""Chinese and Japanese pages of many templates with the text that a reader of them should get.

Seven texts in eleven templates: what stands around and between the paragraphs is what such sites have, and
`unwanted` names what must not be taken for the article.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

TEXTS = {
    "瓦": (
        "镇上的瓦是红的，因为泥是红的；泥是红的，因为山里有铁。烧瓦的师傅说，铁多的泥要多烧半天，颜色才稳。",
        "窑在河的南岸，从前一年开三次，如今只在秋天开一次。开窑那天，半个镇子的人都去看，孩子们等着捡碎瓦打水漂。",
        "师傅姓陆，今年七十二岁。",
        "他十四岁学艺，先挑三年水，再和三年泥，第七年才许碰模子。他说这七年一天也没有白费，手上的分寸都是挑水挑出来的。",
        "新盖的房子多用水泥瓦，轻，也便宜。只有修祠堂和老桥亭的人还来订红瓦，一订就是几千片。",
        "“瓦比人耐等。”他一边说，一边把裂了的那片放到墙角去。",
    ),
    "渡口": (
        "渡口的船是两年前停的，桥通了以后，就没有人再等船。摆渡的老人把船拖上岸，翻过来，晒成了一张桌子。",
        "他每天仍到渡口坐一会儿。河水涨了几寸，退了几寸，他都记在一个本子上，记了四十一年。",
        "水文站的人来看过这个本子，说比站里的记录还早十年。",
        "他们想借去复印，老人不肯，只许在渡口抄。于是来了两个学生，抄了整整一个夏天，把字认不清的地方都问明白了。",
        "抄完那天下了大雨。老人说，这一场要记二尺三。",
        "第二天学生去看水尺，果然是二尺三寸。",
    ),
    "备份": (
        "备份的价值只在恢复的那一刻才看得见。很多人每天备份，却从来没有恢复过一次，等到需要的时候才发现文件打不开。",
        "建议每个季度选一天，把备份恢复到一台空机器上，像真的出了事一样做一遍，并记下每一步用了多少时间。",
        "恢复演练要回答三个问题：数据全不全，时间够不够，换一个人能不能做。",
        "第三个问题最容易被忽略。写给自己看的步骤，别人往往看不懂，因为少写了自己觉得理所当然的那几步。",
        "把步骤交给刚来的同事，让他照着做，你只许看，不许说话。他停下来的地方，就是文档要改的地方。",
        "这样做两三次，文档就真的能用了。",
    ),
    "茶馆": (
        "老茶馆早上五点开门，第一批客人是卖菜的。他们把担子放在门口，喝一碗浓茶，说几句价钱，天亮以前就散了。",
        "第二批客人是退休的老师和木匠，他们一坐就是一上午，桌上摆着同一副棋，棋子的漆已经磨光了。",
        "下午茶馆最安静。",
        "老板娘趁这时候洗碗。她说碗不能用热水洗，热水洗的碗第二天泡茶有味道，这是她婆婆教的，她教给了女儿。",
        "女儿在城里开了一家店，也用冷水洗碗。客人问起来，她就讲这间茶馆的故事，有人听完专门坐车来看。",
        "傍晚五点，茶馆准时关门，从不多做一刻钟的生意。",
    ),
    "山路": (
        "從鎮上到山裡的學校有兩條路，一條是新開的車路，要繞過三個村子；另一條是石階，一千二百級，走得快的人四十分鐘就到。",
        "石階是一百年前鋪的，每一級的中間都有一個淺淺的凹槽，下雨的時候水就沿著凹槽流下去，人踩在兩邊不會滑倒。",
        "校長每天走石階上學，已經走了二十六年。",
        "他說車路太快，還沒有想清楚一件事就到了；走石階正好，想好了今天要對哪一個孩子說什麼話，抬頭就看見校門。",
        "去年颱風沖壞了十幾級，村裡的人自己扛石頭去補，沒有等公家的錢，三個星期就補好了。",
        "補好的石頭顏色比較淺，校長說再過二十年就看不出來了。",
    ),
    "港の坂": (
        "港の近くの坂を上ると、古い茶屋がある。看板の字はもう読めないが、町の人はみな場所を知っている。",
        "店の主人は三代目で、朝は五時に湯を沸かす。湯が沸くまでのあいだに、坂の下から上まで掃除をするのが決まりである。",
        "雨の日も休まない。",
        "客の多くは漁を終えた人たちで、濡れた上着を入り口に掛け、黙って熱い茶を飲む。話が始まるのは二杯目からだという。",
        "主人の祖父は、客が二杯目を頼むまで決して話しかけなかった。その習慣はいまも守られていて、初めて来た人は少し驚く。",
        "夕方になると坂の灯りがともり、茶屋は静かに戸を閉める。",
    ),
    "時計": (
        "駅前の時計は、毎日ちょうど二分遅れている。直そうとした人は何人もいたが、三日もするとまた二分遅れてしまう。",
        "時計屋の話では、部品が悪いのではなく、柱が電車の揺れで少しずつ傾くからだという。柱を直すには道を掘り返さなければならない。",
        "町の人は直さないことに決めた。",
        "いまでは誰もが二分を足して時刻を読む。よそから来た人だけが、電車に間に合ったと思って改札で首をかしげる。",
        "駅員は毎朝、その人たちのために小さな札を出す。札には「時計は二分おくれています。あわてないでください」と書いてある。",
        "札を作ったのは、昔その時計を直そうとした少年である。",
    ),
}  # fmt: skip
LINKS = (
    "首页",
    "新闻中心",
    "专题",
    "视频",
    "论坛",
    "关于我们",
    "联系方式",
    "招聘信息",
    "网站地图",
    "友情链接",
)
RELATED = (
    "旧桥重修记",
    "今年的第一场雪",
    "灯塔看守人的日记",
    "集市上的手艺人",
    "一条河的六个名字",
    "夜航船",
)
COMMENTS = (
    "写得真好，想起了外婆家。",
    "沙发！顶一下楼主。",
    "有没有人知道怎么去？",
    "すばらしい記事でした。",
)
COPYRIGHT = "版权所有 © 2026 海港时报 未经许可不得转载"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPage:
    """A page, and what its article is."""

    name: str
    html: str
    wanted: str
    """The text of the article."""
    unwanted: tuple[str, ...]


def reader_pages() -> Iterator[ReaderPage]:
    """Every text in every template."""
    for title, paragraphs in TEXTS.items():
        for template in TEMPLATES:
            html, wanted = template(title, list(paragraphs))
            page = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{html}</body></html>"
            unwanted = tuple(one for one in (*LINKS, *RELATED, *COMMENTS, COPYRIGHT) if one in html)
            name = f"{title}-{template.__name__.strip('_')}"
            yield ReaderPage(name=name, html=page, wanted=wanted, unwanted=unwanted)


def _links(words: tuple[str, ...], tag: str = "li") -> str:
    return "".join(f"<{tag}><a href='/x{at}'>{word}</a></{tag}>" for at, word in enumerate(words))


TOP = f"<div id=top><ul class=nav>{_links(LINKS)}</ul></div>"
BOTTOM = f"<div class=footer><p>{COPYRIGHT}</p></div>"
Made = tuple[str, str]


def _blog(title: str, text: list[str]) -> Made:
    body = "".join(f"<p>{one}</p>" for one in text)
    related = f"<section class=related><h3>相关阅读</h3><ul>{_links(RELATED)}</ul></section>"
    html = f"<header>{TOP}</header><main><article><h1>{title}</h1>{body}</article>{related}</main>{BOTTOM}"
    return html, "\n".join(text)


def _portal(title: str, text: list[str]) -> Made:
    body = "".join(f"<p>　　{one}</p>" for one in text)
    hot = f"<div class=right><h3>热门</h3><ul>{_links(RELATED)}</ul></div>"
    html = (
        f"{TOP}<div class=wrap><div class=left><h1>{title}</h1><div class=info>来源：海港时报</div>"
        f"<div class=content id=content>{body}</div></div>{hot}</div>{BOTTOM}"
    )
    return html, "\n".join(text)


def _manual(title: str, text: list[str]) -> Made:
    para = "<div class=para>{}</div>".format
    inner = "".join(
        f"<div class=section><div class=titlepage><h3 class=title>{at + 1}. 小节</h3></div>{para(one)}</div>"
        for at, one in enumerate(text[2:])
    )
    html = (
        f"<ul class='docnav top'><li><a href=/p>上一页</a></li></ul><div class=section><div class=titlepage>"
        f"<h2 class=title>{title}</h2></div>{para(text[0])}{para(text[1])}{inner}</div>"
    )
    wanted = [
        *text[:2],
        *(line for at, one in enumerate(text[2:]) for line in (f"{at + 1}. 小节", one)),
    ]
    return html, "\n".join(wanted)


def _wechat(title: str, text: list[str]) -> Made:
    body = "".join(
        f"<section style='margin:8px'><p><span>{one}</span></p></section>" for one in text
    )
    html = f"<div id=page><h1 id=activity-name>{title}</h1><div id=js_content>{body}</div></div>{BOTTOM}"
    return html, "\n".join(text)


def _breaks(title: str, text: list[str]) -> Made:
    body = "<br><br>".join(text)
    html = f"{TOP}<table><tr><td class=menu><ul>{_links(RELATED)}</ul></td><td><h1>{title}</h1><div>{body}</div></td></tr></table>"
    return html, "\n".join(text)


def _forum(title: str, text: list[str]) -> Made:
    body = "".join(f"<p>{one}</p>" for one in text)
    replies = "".join(f"<div class='comment reply'><p>{one}</p></div>" for one in COMMENTS)
    html = f"{TOP}<div class=thread><h1>{title}</h1><div class=post>{body}</div><div class=comments>{replies}</div></div>{BOTTOM}"
    return html, "\n".join(text)


def _dialogue(title: str, text: list[str]) -> Made:
    lines = [part for one in text for part in (one, "“是吗？”", "“是的。”")]
    body = "".join(
        f"<div style='margin:1em 0'><div><span>{one}</span></div></div>" for one in lines
    )
    html = f"<nav>{_links(LINKS, 'span')}</nav><div class=chapter><h1>{title}</h1>{body}</div>"
    return html, "\n".join(lines)


def _lists(title: str, text: list[str]) -> Made:
    items = "".join(f"<li>{one}</li>" for one in text[2:])
    html = f"{TOP}<div class=doc><h1>{title}</h1><p>{text[0]}</p><p>{text[1]}</p><ol>{items}</ol></div>{BOTTOM}"
    return html, "\n".join(text)


def _code(title: str, text: list[str]) -> Made:
    code = "def tide(hour):\n    if hour > 6:\n        return 2.3\n    return 0.4"
    body = f"<p>{text[0]}</p><p>{text[1]}调用 <code>tide(7)</code> 即可。</p><pre><code>{code}</code></pre>"
    rest = "".join(f"<p>{one}</p>" for one in text[2:])
    html = f"{TOP}<article><h1>{title}</h1>{body}{rest}</article>{BOTTOM}"
    return html, "\n".join([text[0], f"{text[1]}调用 tide(7) 即可。", code, *text[2:]])


def _table(title: str, text: list[str]) -> Made:
    rows = "".join(f"<tr><td>{at}</td><td>{one}</td></tr>" for at, one in enumerate(text[3:], 1))
    body = "".join(f"<p>{one}</p>" for one in text[:3])
    html = f"{TOP}<div class=entry><h1>{title}</h1>{body}<table>{rows}</table></div>{BOTTOM}"
    wanted = [*text[:3], *(line for at, one in enumerate(text[3:], 1) for line in (str(at), one))]
    return html, "\n".join(wanted)


def _ruby(title: str, text: list[str]) -> Made:
    first, rest = text[0][:2], text[0][2:]
    ruby = f"<ruby><rb aria-hidden=true>{first}</rb><rp>（</rp><rt>よみ</rt><rp>）</rp></ruby>"
    body = "".join(f"<p>{one}</p>" for one in text[1:])
    aside = f"<aside><h3>人気記事</h3><ul>{_links(RELATED)}</ul></aside>"
    html = (
        f"<main><article><h1>{title}</h1><p>{ruby}{rest}</p>{body}</article></main>{aside}{BOTTOM}"
    )
    return html, "\n".join(text)


TEMPLATES: tuple[Callable[[str, list[str]], Made], ...] = (
    _blog, _portal, _manual, _wechat, _breaks, _forum, _dialogue, _lists, _code, _table, _ruby,
)  # fmt: skip
