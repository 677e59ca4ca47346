"""What the script for consent boxes presses, hides and leaves, in one open page: many small cases."""

import asyncio
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from crawler.browser.launch import launch_options
from crawler.page.isolated_world import script
from linkshot.system.config import Settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium-headless-shell") or shutil.which("chromium")),
        reason="no Chromium on this machine",
    ),
]
ARTICLE = "<p>镇上的瓦是红的，因为泥是红的；泥是红的，因为山里有铁。</p>" * 20
BAR = "position:fixed;left:0;right:0;bottom:0;height:150px;background:#eee"
NOTHING = "http://127.0.0.1:9"


class OpenPage:
    """One page without a network, filled anew for each case."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._page: Page = self._runner.run(self._open())

    async def _open(self) -> Page:
        self._driver = await async_playwright().start()
        options = launch_options(Settings(), NOTHING)
        self._browser = await self._driver.chromium.launch(**options)
        return await self._browser.new_page(viewport={"width": 1280, "height": 720})

    def show(self, body: str) -> None:
        """An article with this behind it, in a new document."""
        self._runner.run(self._show(f"<!doctype html><meta charset=utf-8>{ARTICLE}{body}"))

    async def _show(self, html: str) -> None:
        await self._page.goto("about:blank")
        await self._page.set_content(html)

    def act(self, act: str, **more: Any) -> Any:
        """What the script answers."""
        source = script("consent")
        return self._runner.run(self._page.evaluate(source, {"act": act, **more}))

    def says(self, expression: str) -> Any:
        return self._runner.run(self._page.evaluate(expression))

    def close(self) -> None:
        self._runner.run(self._browser.close())
        self._runner.run(self._driver.stop())
        self._runner.close()


@pytest.fixture(scope="module")
def opened() -> Iterator[OpenPage]:
    made = OpenPage()
    yield made
    made.close()


def pressed(opened: OpenPage, *labels: str, about: str = "本网站使用 Cookie。") -> str | None:
    """The button that the script presses in a box with these."""
    buttons = "".join(f"<button>{label}</button>" for label in labels)
    opened.show(f"<div style='{BAR}'>{about}{buttons}</div>")
    opened.act("guard")
    done = opened.act("answer")
    return done and done["said"]


@pytest.mark.parametrize(
    "refusal",
    [
        "拒绝", "全部拒绝", "拒绝全部", "不同意", "暂不同意" , "不接受", "仅必要", "仅使用必要的 Cookie", "仅接受必要 Cookie",
        "只允许必要 Cookie", "僅必要", "拒絕所有", "仅限必需", "Reject all", "Decline", "Deny", "I do not accept",
        "Only necessary", "Necessary cookies only", "Accept only essential cookies", "Continue without accepting →",
        "Alle ablehnen", "Nur notwendige Cookies", "Tout refuser", "Continuer sans accepter", "Rechazar todo",
        "Rifiuta tutto", "Alles weigeren", "拒否する", "すべて拒否", "必須のみ", "Отклонить все", "거부",
    ],
)  # fmt: skip
def test_a_refusal_is_pressed_and_not_the_button_before_it(opened: OpenPage, refusal: str) -> None:
    accept = "全部接受" if not refusal.isascii() else "Accept all"
    assert pressed(opened, accept, refusal) == refusal


@pytest.mark.parametrize(
    "acceptance",
    [
        "同意", "全部接受", "接受所有 Cookie", "我同意", "同意并继续", "允许全部", "Accept", "Accept all cookies", "I agree",
        "Allow all", "Agree and close", "Alle akzeptieren", "Zustimmen", "Tout accepter", "J'accepte", "Aceptar", "Accetta tutto",
        "Alles accepteren", "すべて許可", "同意する", "Принять все", "모두 동의", "OK", "好的", "确定",
        "Reject and subscribe", "拒绝并订阅", "Pay to reject", "Cookie settings", "了解更多",
        "仅必要和营销 Cookie", "Necessary and marketing only", "Only necessary, statistics", "Opt out later, accept all now",
        "Close and accept all", "拒绝其他并接受全部",
    ],
)  # fmt: skip
def test_what_accepts_or_sells_is_never_pressed(opened: OpenPage, acceptance: str) -> None:
    assert pressed(opened, acceptance) is None


@pytest.mark.parametrize(
    "notice",
    ["我知道了", "知道了", "关闭", "×", "Got it!", "I understand", "Close", "閉じる", "Verstanden"],
)
def test_a_notice_is_closed(opened: OpenPage, notice: str) -> None:
    assert pressed(opened, notice) == notice


@pytest.mark.parametrize(
    "button",
    [
        "<button class=close aria-label='Accept and continue'>×</button>",
        "<button aria-label='Accept all and close'>Close</button>",
        "<button title='同意并关闭'>关闭</button>",
        "<button><img alt='Accept all' width=20 height=20></button>",
    ],
)
def test_a_button_that_accepts_by_any_of_its_names_is_not_pressed(
    opened: OpenPage, button: str
) -> None:
    opened.show(f"<div style='{BAR}'>We use cookies. {button}</div>")
    opened.act("guard")
    assert opened.act("answer") is None


@pytest.mark.parametrize(
    "said",
    [
        "We use cookies. By closing this banner you agree to them.",
        "We use cookies. If you click I understand, you accept all of them.",
        "We use cookies. Closing saves your selection.",
        "本网站使用 Cookie。关闭本提示即视为同意。",
        "We use cookies. <label><input type=checkbox checked>Marketing</label>",
    ],
)
def test_a_box_that_takes_closing_for_consent_is_not_closed(opened: OpenPage, said: str) -> None:
    assert pressed(opened, "Close", about=said) is None
    assert pressed(opened, "×", about=said) is None


def test_a_box_with_closing_and_accepting_is_closed(opened: OpenPage) -> None:
    said = "We use cookies. <label><input type=checkbox checked disabled>Necessary</label>"
    assert pressed(opened, "Close", "Accept all", about=said) == "Close"


def test_a_refusal_goes_before_the_close_button(opened: OpenPage) -> None:
    assert pressed(opened, "×", "同意", "拒绝") == "拒绝"


def test_an_icon_that_closes_is_told_by_its_class_or_its_label(opened: OpenPage) -> None:
    for icon in ("<button class='ck-close'></button>", "<a role=button aria-label='关闭'></a>"):
        opened.show(
            f"<div style='{BAR}'>We use cookies. <style>button,a{{display:inline-block;width:20px;height:20px}}</style>{icon}</div>"
        )
        opened.act("guard")
        assert opened.act("answer")["kind"] == "close"


@pytest.mark.parametrize(
    "other",
    [
        "<header style='position:fixed;top:0;left:0;right:0;height:60px;background:#fff'><a href='/'>Home</a> <a href='/privacy'>隐私政策</a> <button>登录</button></header>",
        f"<div style='{BAR}'>© 2026 <a href='/p'>Privacy</a> <a href='/c'>Cookie settings</a> <button>Subscribe</button></div>",
        f"<div style='{BAR}'>登录即表示同意《用户协议》和《隐私政策》<input type=tel><button>同意并登录</button></div>",
        f"<div style='{BAR}'>Chat with us. By chatting you accept our privacy policy. <button aria-label='Close'></button></div>",
        f"<div style='{BAR}'>确定要删除这条收藏吗？<button>确定</button><button>关闭</button></div>",
        f"<div style='{BAR}'>Your privacy choices were saved. <button>OK</button></div>",
        "<section><h2>Cookies</h2>We use cookies. <button>Accept all</button> <button>Reject all</button></section>",
        f"<div style='{BAR}'>{'A long text about cookies and consent. ' * 200}<button>Reject all</button></div>",
        f"<div style='{BAR};display:none'>We use cookies. <button>Reject all</button></div>",
    ],
    ids=["header", "footer", "login", "chat", "question", "message", "in the text", "too long", "hidden"],
)  # fmt: skip
def test_what_is_no_question_for_consent_is_not_seen(opened: OpenPage, other: str) -> None:
    opened.show(other)
    assert opened.act("look")["boxes"] == []


def test_a_page_that_is_nothing_but_the_box_is_not_touched(opened: OpenPage) -> None:
    opened.show(
        "<script>document.querySelectorAll('p').forEach((p) => p.remove())</script>"
        "<div style='position:fixed;inset:0'>We use cookies. <button>Reject all</button></div>"
    )
    assert opened.act("look")["boxes"] == []


def test_hiding_takes_the_backdrop_too_and_leaves_the_page(opened: OpenPage) -> None:
    dark = "position:fixed;inset:0;background:rgba(0,0,0,.5)"
    opened.show(
        f"<div id=app><main id=main>{ARTICLE}</main><div id=dark style='{dark}'></div>"
        f"<div id=box style='{BAR}'>We use cookies. <button>Accept</button></div></div>"
    )
    opened.act("guard")
    opened.act("hide")
    shown = "Object.fromEntries(['main','dark','box'].map((id) => [id, document.getElementById(id).checkVisibility()]))"
    assert opened.says(shown) == {"main": True, "dark": False, "box": False}


def test_nothing_is_pressed_any_more_once_it_has_ended(opened: OpenPage) -> None:
    opened.show(
        f"<div style='{BAR}'>We use cookies. <button onclick='this.textContent = 1'>Reject all</button></div>"
    )
    opened.act("guard")
    opened.act("end")
    opened.says("document.querySelector('button').click()")
    assert opened.says("document.querySelector('button').textContent") == "Reject all"


@pytest.mark.parametrize(
    "trap", ["children", "nodeType", "parentElement", "shadowRoot", "textContent"]
)
def test_a_form_that_shadows_names_of_the_dom_is_hidden_like_any_other(
    opened: OpenPage, trap: str
) -> None:
    opened.show(
        f"<form id=box style='{BAR}'>We use cookies. <input name={trap} type=hidden><button>Accept</button></form>"
    )
    opened.act("guard")
    opened.act("hide")
    assert not opened.says("document.getElementById('box').checkVisibility()")
