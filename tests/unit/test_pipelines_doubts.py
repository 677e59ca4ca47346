"""Soft 404s, login forms and mojibake are told from pages."""

import pytest

from linkshot.domain.model import Quality, Verdict
from pipelines.mojibake import is_mojibake
from pipelines.quality import assess_quality
from pipelines.soft_404 import is_soft_404
from tests.integration.pipelines_world import capture

CHINESE = (
    "今天院子里的山茶开了三朵，红的两朵，白的一朵。邻居说这棵树是他祖父种下的，已经有六十年了。"
    "下午我们在树下喝茶，谈到镇上的旧码头，那里从前每天都有船来，现在只剩下几块石头。"
)
TRADITIONAL = "這個軟體可以儲存網頁的快照，並支援全文檢索。資料庫與檔案都在本機，使用者不必擔心內容會從網路上消失。"
JAPANESE = "東京タワーは1958年に完成した。カタカナとひらがなの文章です。港の近くの坂を上ると、古い茶屋がある。"
FRENCH = "L’été dernier, nous avons découvert une île où l’on élève des chèvres ; à Noël, le maïs était déjà gelé."
GERMAN = "Größere Übungen für Fußgänger: die Straße über die Brücke führt zum Schloß, wo schöne Gärten blühen."
RUSSIAN = (
    "В городе было тихо, и только у старого причала шумела вода. Мы пили чай под деревом до вечера."
)
VIETNAMESE = (
    "Hôm nay trong vườn nở ba bông hoa trà, hai bông đỏ và một bông trắng, rất đẹp và thơm ngát."
)
MENU = "首页 新闻 关于我们 联系方式 友情链接 版权所有\n" * 6


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 Not Found", "nginx"),
        ("404", "Not here"),
        ("Page not found | Harbour Times", f"Sorry\n{MENU}"),
        ("Page Not Found - Harbour Times", "The page you are looking for has moved"),
        ("页面不存在", "请返回首页"),
        ("404 - 页面未找到 - 海港时报", MENU),
        ("抱歉，您访问的页面不存在_海港时报", MENU),
        ("該頁面不存在 · 海港", MENU),
        ("海港时报", "抱歉，您访问的页面不存在！\n返回首页"),
        ("海港时报", "该文章已被删除\n返回首页"),
        ("海港时报", "您要找的页面已不存在或已被删除\n返回首页"),
        ("Harbour Times", "Oops!\nThe page you're looking for doesn't exist.\nHome"),
        ("Harbour Times", "We can't find the page you're looking for\nHome"),
        ("港", "お探しのページは見つかりませんでした。\nトップへ"),
    ],
)
def test_an_error_page_with_status_200_is_a_soft_404(title: str, text: str) -> None:
    assert is_soft_404(title, text)
    found = assess_quality(capture("<p>x", title=title), text)
    assert found == Quality(verdict=Verdict.NOT_FOUND, reasons=("soft_404",))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "How to design a 404 page",
            "A good page says what happened. Page not found is not enough.",
        ),
        ("如何设计 404 页面", CHINESE + "用户看到“页面不存在”时，应当知道往哪里去。"),
        ("页面不存在时怎么办", CHINESE),
        ("HTTP 404", CHINESE * 20),
        ("404 Not Found", "the history of an error page " * 60),
        ("海港时报", f"{CHINESE * 9}\n页面不存在\n{CHINESE}"),
        ("Lost and found", "Keys were found at the harbour"),
        ("Room 404", "Conference room on the fourth floor"),
        ("新闻", "这个品牌的商品已下架，厂家说明年再卖"),
    ],
)
def test_a_page_about_missing_pages_is_a_page(title: str, text: str) -> None:
    assert not is_soft_404(title, text)


@pytest.mark.parametrize(
    ("title", "text", "verdict", "reason"),
    [
        ("Database Error", "Error establishing a database connection", "http_error", "soft_error"),
        ("500 Internal Server Error", "500 Internal Server Error\nnginx", "http_error", "soft_error"),
        ("Harbour Times - 502 Bad Gateway", "cloudflare", "http_error", "soft_error"),
        ("Maintenance", "Service temporarily unavailable\nWe are down for maintenance. Please try again later.", "http_error", "soft_error"),
        ("A page", "Something went wrong. Please try again later.", "http_error", "soft_error"),
        ("Shop", "My shop\nHome Products About\nOops! Something went wrong\nPlease try again later.", "http_error", "soft_error"),
        ("", "Fatal error: Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/index.php on line 12", "http_error", "soft_error"),
        ("海港时报", "建立数据库连接时出错", "http_error", "soft_error"),
        ("海港时报", "系统繁忙，请稍后重试\n返回首页", "http_error", "soft_error"),
        ("提示", "抱歉，网站正在维护中，请稍后访问。", "http_error", "soft_error"),
        ("Too many", "Too many requests\nYou have sent too many requests. Please slow down.", "blocked", "turned_away"),
        ("Unavailable", "Not available in your region\nThis content is not available in your country.", "blocked", "turned_away"),
        ("海港时报", "您的请求过于频繁，请稍后再试", "blocked", "turned_away"),
        ("A page", "Welcome\nPlease log in to see this.", "login", "login_first"),
        ("海港论坛", "您需要登录后才能查看该内容", "login", "login_first"),
        ("微信公众平台", "该内容已被发布者删除", "not_found", "soft_404"),
        ("Sign in - Harbour", "Sign in to Harbour\nContinue with Google\nContinue with Apple", "login", "login_form"),
        ("Sign in", "Sign in\nEnter your e-mail, we send you a link.\nContinue", "login", "login_form"),
    ],
)  # fmt: skip
def test_what_stands_in_place_of_the_page_with_status_200_is_told(
    title: str, text: str, verdict: str, reason: str
) -> None:
    found = assess_quality(capture("<p>x", title=title), text, asked="https://a.example/t/1")
    assert (found.verdict.value, found.reasons) == (verdict, (reason,))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("How to mend “Error establishing a database connection”", "Restart the server of the database first."),
        ("Too many requests", "A status of HTTP (RFC 6585). A server sends it to clients that ask too often. " * 5),
        ("500 Internal Server Error", "The status says that a server failed without saying why. " * 8),
        ("Shop", "Something went wrong\nA song of the harbour band, 1998"),
        ("Something went wrong", "The story of a bridge that was built too low"),
        ("Scheduled maintenance on Sunday", "The library is closed from two to four o'clock."),
        ("Log in", "How forests were logged in the north"),
        ("Maintenance", "Grease the chain of the bicycle every month."),
        ("Thread", "Please log in to continue\n" + "the first answer to the question " * 8),
        ("海港论坛", "请先登录\n" + CHINESE),
        ("海港论坛", "亲，请登录 免费注册 首页\n山茶花 三朵"),
        ("出错了", "一个人在码头上想起三十年前的一封信，收信人早已搬走。"),
        ("系统维护手册", "每周一次：检查磁盘；每月一次：更换滤网。"),
        ("状态", "所有服务器运行正常"),
        ("PHP", "How to read a message\nFatal error: Uncaught Error in a.php on line 3"),
    ],
)  # fmt: skip
def test_a_page_that_speaks_of_errors_and_logins_is_a_page(title: str, text: str) -> None:
    found = assess_quality(capture("<p>x", title=title), text, asked="https://a.example/t/1")
    assert found == Quality()


def test_a_kept_sign_in_without_a_password_is_the_page() -> None:
    text = "Sign in to Harbour\nContinue with Google"
    page = capture("<p>x", title="Sign in")
    assert assess_quality(page, text, asked="https://a.example/signin") == Quality()


FORM = "<form><input name=user><input type='password' name=pw><button>登录</button></form>"


@pytest.mark.parametrize(
    ("title", "text", "final"),
    [
        ("登录 - 海港论坛", "用户名 密码 登录 忘记密码", "https://a.example/login?next=/t/1"),
        ("Harbour forum", "Log in to continue", "https://a.example/t/1"),
        ("Sign in", "Email Password " + "terms of use " * 60, "https://a.example/t/1"),
        ("海港", "请先登入\n密码", "https://passport.a.example/?u=1"),
    ],
)
def test_a_login_form_in_place_of_the_page(title: str, text: str, final: str) -> None:
    found = assess_quality(
        capture(FORM, title=title, final_url=final), text, asked="https://a.example/t/1"
    )
    assert found == Quality(verdict=Verdict.LOGIN, reasons=("login_form",))


@pytest.mark.parametrize(
    ("html", "text", "asked"),
    [
        (FORM, "登录\n" + CHINESE * 20, "https://a.example/t/1"),
        (FORM, "用户名 密码 登录", "https://a.example/user/login"),
        (FORM, "用户名 密码 登录", "https://passport.a.example/"),
        ("<form><input name=q></form>", "登录 搜索", "https://a.example/"),
        (
            FORM,
            "Choose a strong passphrase and we say how long it would last",
            "https://a.example/",
        ),
    ],
    ids=["an article beside a form", "a kept login", "a login host", "no password", "another form"],
)
def test_a_page_with_a_password_field_is_a_page(html: str, text: str, asked: str) -> None:
    assert assess_quality(capture(html, final_url=asked), text, asked=asked).verdict.value == "good"


@pytest.mark.parametrize(
    ("text", "sent_as", "read_as"),
    [
        (CHINESE, "gb18030", "utf-8"),
        (CHINESE, "gb18030", "windows-1252"),
        (CHINESE, "gb18030", "latin-1"),
        (CHINESE, "utf-8", "gb18030"),
        (CHINESE, "utf-8", "windows-1252"),
        (CHINESE, "gb18030", "big5"),
        (TRADITIONAL * 2, "big5", "gb18030"),
        (JAPANESE, "shift_jis", "utf-8"),
        (JAPANESE, "shift_jis", "windows-1252"),
        (RUSSIAN, "windows-1251", "latin-1"),
        (RUSSIAN, "utf-8", "windows-1252"),
        (FRENCH * 2, "utf-8", "windows-1252"),
        (FRENCH, "windows-1252", "utf-8"),
    ],
)  # fmt: skip
def test_text_read_in_a_wrong_charset_is_doubtful(text: str, sent_as: str, read_as: str) -> None:
    found = text.encode(sent_as, "replace").decode(read_as, "replace")
    assert is_mojibake(found), found
    page = assess_quality(capture("<p>x"), found)
    assert page == Quality(verdict=Verdict.DOUBTFUL, reasons=("charset",))


@pytest.mark.parametrize(
    "text",
    [
        CHINESE, TRADITIONAL, JAPANESE, FRENCH, GERMAN, RUSSIAN, VIETNAMESE, "plain English " * 30, MENU,
        "東京都港区芝公園 大阪市北区梅田 名古屋市中村区 横浜市西区高島 札幌市中央区" * 3,
        "学而时习之，不亦说乎？有朋自远方来，不亦乐乎？人不知而不愠，不亦君子乎？" * 3,
        CHINESE + "乱码的例子：锟斤拷 ÖÐÎÄ ä¸­æ–‡ \ufffd\ufffd",
        FRENCH * 3 + " Example: Ã©tÃ© for été",
        "— “quotes” … «guillemets» €100 ™ ®" * 20,
    ],
)  # fmt: skip
def test_text_of_any_language_is_no_mojibake(text: str) -> None:
    assert not is_mojibake(text)


def test_a_doubt_stands_before_what_is_missing() -> None:
    mojibake = CHINESE.encode("gb18030").decode("latin-1")
    found = assess_quality(capture("<p>x", partial=("load",)), mojibake, ["reader"])
    assert found == Quality(verdict=Verdict.DOUBTFUL, reasons=("charset", "load", "reader"))


@pytest.mark.parametrize(
    ("asked", "remarks"),
    [
        ({"action": "rejected", "name": "OneTrust", "clicked": ["Settings", "Reject All"]}, ("consent_rejected:OneTrust · Reject All",)),
        ({"action": "closed", "name": "", "clicked": ["我知道了"], "text": "本站"}, ("consent_closed:我知道了",)),
        ({"action": "hidden", "name": "", "clicked": ["OK"], "text": "本站使用 Cookie"}, ("consent_hidden:本站使用 Cookie",)),
        ({"action": "hidden", "name": "x" * 500}, (f"consent_hidden:{'x' * 60}",)),
        ({"action": "closed", "clicked": ["\x1b[2J\u202eX"]}, ("consent_closed: [2J X",)),
        ({"action": "gone", "name": "OneTrust", "clicked": ["Settings"]}, ("consent_gone:OneTrust · Settings",)),
        ({"action": "stayed", "name": "OneTrust"}, ()),
        ("odd", ()),
    ],
    ids=["refused", "closed", "hidden", "long", "hostile", "gone", "stayed", "odd"],
)  # fmt: skip
def test_an_answered_consent_box_is_a_remark_and_no_doubt(
    asked: object, remarks: tuple[str, ...]
) -> None:
    found = assess_quality(capture("<p>x", notes={"consent": asked}), CHINESE)
    assert found == Quality(verdict=Verdict.GOOD, reasons=remarks)
