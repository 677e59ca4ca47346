"""Boxes that ask for consent, in the markup of known consent managers and in others; and what is none.

A box that is answered puts the word of its answer into `<p id="answer">`, so that captures tell it.
"""

from __future__ import annotations

import json

from linkshot.samples.loopback import Request, Response
from tests.site.markup import Page, fixed, page, paragraphs

_ARTICLE = "<h1>Tiles</h1>" + paragraphs(
    *(
        f"Roof tile number {n} in this town is red because the clay is. 镇上的瓦是红的，因为泥是红的。"
        for n in range(60)
    )
)
_ANSWER = """<p id="answer">no answer yet</p><script>
const say = (word, ...gone) => { document.getElementById("answer").textContent = "answer:" + word;
  for (const id of gone) document.getElementById(id)?.remove(); };
</script>"""
_BAR = "position:fixed;left:0;right:0;bottom:0;padding:24px;background:#222;color:#fff;z-index:9999"
_BOX = (
    "position:fixed;left:290px;top:160px;width:700px;min-height:320px;background:#fff;z-index:9999"
)
_DARK = "position:fixed;inset:0;background:rgba(0,0,0,.7);z-index:9000"
_ASKS = "<p>We and our partners use cookies to personalise content.</p>"
_FRAME = """<!doctype html><meta charset=utf-8><body style="background:#fff"><h2>Cookies</h2>
<p>We use cookies to personalise content.</p><button onclick="parent.postMessage('accepted','*')">Accept all</button>
<button onclick="parent.postMessage('rejected','*')">Reject all</button>"""


_SOURCEPOINT = """<!doctype html><meta charset=utf-8><body style="background:#fff"><p>We and our partners use cookies.</p>
<button class="sp_choice_type_11" onclick="parent.postMessage('accepted','*')">Accept</button>
<button class="sp_choice_type_13" onclick="parent.postMessage('rejected','*')">Reject</button>"""


def _over(title: str, box: str, *, head: str = "", article: str = _ARTICLE) -> Response:
    return page(title, _ANSWER + article + box, head=head)


ONETRUST = f"""<div id="onetrust-consent-sdk"><div class="onetrust-pc-dark-filter" style="{_DARK}"></div>
<div id="onetrust-banner-sdk" role="alertdialog" style="{_BAR}">{_ASKS}
<button id="onetrust-pc-btn-handler">Cookie settings</button>
<button id="onetrust-reject-all-handler" onclick="say('rejected','onetrust-consent-sdk')">Reject All</button>
<button id="onetrust-accept-btn-handler" onclick="say('accepted','onetrust-consent-sdk')">Accept All Cookies</button></div></div>"""
COOKIEBOT = f"""<script>window.Cookiebot = {{hasResponse: false, dialog: {{visible: true}}}};</script>
<div id="CybotCookiebotDialogBodyUnderlay" style="{_DARK}"></div>
<div id="CybotCookiebotDialog" role="dialog" style="{_BOX}">{_ASKS}
<button id="CybotCookiebotDialogBodyLevelButtonLevelOptinDeclineAll" onclick="done('rejected')">Deny</button>
<button id="CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll" onclick="done('accepted')">Allow all</button></div>
<script>const done = (word) => {{ Cookiebot.hasResponse = true; say(word, "CybotCookiebotDialog", "CybotCookiebotDialogBodyUnderlay"); }};</script>"""
USERCENTRICS = f"""<div id="usercentrics-root"></div><script>
window.UC_UI = {{}};
const shadow = document.getElementById("usercentrics-root").attachShadow({{mode: "open"}});
shadow.innerHTML = `<div data-testid="uc-container" style="{_DARK}"><div role="dialog" style="{_BOX}"><p>We use cookies on this site.</p>
<button data-testid="uc-accept-all-button">Accept All</button><button data-testid="uc-deny-all-button">Deny</button></div></div>`;
shadow.querySelector("[data-testid=uc-accept-all-button]").onclick = () => say("accepted", "usercentrics-root");
shadow.querySelector("[data-testid=uc-deny-all-button]").onclick = () => say("rejected", "usercentrics-root");
</script>"""
DIDOMI = f"""<div id="didomi-host"><div class="didomi-popup-backdrop" style="{_DARK}"></div>
<div id="didomi-popup" class="didomi-popup-container"><div class="didomi-popup-notice" style="{_BOX}">{_ASKS}
<button id="didomi-notice-disagree-button" onclick="say('rejected','didomi-host')">Disagree and close</button>
<button id="didomi-notice-agree-button" onclick="say('accepted','didomi-host')">Agree and close</button></div></div></div>"""
QUANTCAST = f"""<iframe name="__tcfapiLocator" style="display:none"></iframe>
<div id="qc-cmp2-container"><div id="qc-cmp2-main" style="{_DARK}"><div id="qc-cmp2-ui" style="{_BOX}">{_ASKS}
<div class="qc-cmp2-summary-buttons"><button mode="secondary">MORE OPTIONS</button>
<button mode="secondary" onclick="say('rejected','qc-cmp2-container')">DISAGREE</button>
<button mode="primary" onclick="say('accepted','qc-cmp2-container')">AGREE</button></div></div></div></div>"""
COOKIECONSENT = f"""<div id="cc-main"><div class="cm-wrapper"><div class="cm" role="dialog" style="{_BAR}">{_ASKS}
<button class="cm__btn" data-role="all" onclick="say('accepted','cc-main')">Accept all</button>
<button class="cm__btn" data-role="necessary" onclick="say('rejected','cc-main')">Reject all</button></div></div></div>"""
GENERIC = f"""<div id="ask" style="{_BAR}">This website uses cookies.
<a href="/article-en" onclick="say('rejected','ask')">Only necessary cookies</a>
<button onclick="say('accepted','ask')">Accept</button></div>"""
CHINESE = f"""<div id="mask" style="{_DARK}"></div><div id="ask" style="{_BOX}"><h3>隐私提示</h3>
<p>本网站使用 Cookie 改善您的浏览体验，详见<a href="/privacy">隐私政策</a>。</p>
<span class="btn" onclick="say('同意','ask','mask')">同意并继续</span><span class="btn" onclick="say('拒绝','ask','mask')">拒绝</span></div>"""
NOTICE = f"""<div id="ask" style="{_BAR}">本站使用 Cookie 统计访问量。<a href="javascript:say('closed','ask')">我知道了</a></div>"""
ONLY_ACCEPT = f"""<div id="mask" style="{_DARK}"></div><div id="ask" style="{_BOX}">{_ASKS}
<button onclick="say('accepted','ask','mask')">Accept all cookies</button><a href="/settings">Settings</a></div>"""
FRAMED = f"""<div id="ask" style="{_DARK}"><iframe src="FRAME" style="{_BOX};border:0;height:400px"></iframe></div>
<script>addEventListener("message", (event) => say(event.data, "ask"));</script>"""
LOCKED = f"""<style>html, body {{ height: 100%; overflow: hidden; }}</style>
<div id="ask" style="{_DARK}"><div style="{_BOX}">{_ASKS}<button onclick="say('accepted')">Accept all</button>
<button onclick="say('rejected','ask')">Reject all</button></div></div>"""
STUBBORN = f"""<script>
const put = () => {{ if (document.querySelector(".ask")) return;
  const box = document.createElement("section"); box.className = "ask"; box.style.cssText = "{_DARK};background:#fff";
  box.innerHTML = "<p>We use cookies. You must agree.</p><button>Accept all</button>"; document.body.append(box); }};
put();
new MutationObserver(() => {{ for (const box of document.querySelectorAll(".ask"))
  if (getComputedStyle(box).display === "none") box.remove(); put(); }}).observe(document.body, {{childList: true, attributes: true, subtree: true}});
</script>"""
MODAL = f"""<div style="{_DARK}"></div><div role="dialog" aria-modal="true" style="{_BOX}"><h2>Choose your town</h2>
<p>Prices depend on where the tiles are delivered to.</p><button onclick="say('chosen')">Harbour</button><button onclick="say('closed')">Close</button></div>"""
NEWSLETTER = f"""<div style="{_DARK}"></div><div role="dialog" style="{_BOX}"><h2>Ten percent off</h2>
<p>Get our newsletter. By subscribing you accept our privacy policy and cookies.</p><input type="email" placeholder="you@example.com">
<button onclick="say('subscribed')">Subscribe</button><button onclick="say('declined')">Reject offer</button></div>"""
ABOUT_COOKIES = f"""<div style="position:fixed;inset:0;overflow:auto;background:#fff"><header style="position:sticky;top:0;background:#eee">
<a href="#what">What cookies are</a> <button>Accept all</button> <button>Reject all</button></header>
{paragraphs(*(f"A cookie is a small text that a site leaves in a browser; consent banner number {n} asks about it." for n in range(120)))}</div>"""
STEERING = f"""<div id="onetrust-banner-sdk" style="{_BAR}">We use cookies.
<a id="onetrust-reject-all-handler" href="/elsewhere" onclick="setTimeout(() => {{ location.href = '/elsewhere'; }}, 50)">Reject all</a>
<form action="/taken" method="post"><button class="onetrust-close-btn-handler">Continue without accepting</button></form></div>"""
MISLABELLED = f"""<div id="onetrust-banner-sdk" style="{_BAR}">We use cookies.
<button id="onetrust-reject-all-handler" onclick="say('accepted')">Accept all cookies</button></div>"""
BUSY = f"""<div id="ask" style="{_BAR}">We use cookies. <button onclick="for (;;) {{}}">Reject all</button> <button>Accept all</button></div>"""
RELOADING = f"""<div id="ask" style="{_BAR}" hidden>We use cookies.
<button onclick="document.cookie = 'asked=1'; location.reload()">Reject all</button> <button>Accept all</button></div>
<script>if (document.cookie.includes("asked=1")) {{ say("remembered", "ask"); }} else {{ document.getElementById("ask").hidden = false; }}</script>"""


def _late(request: Request) -> Response:
    box = json.dumps(ONETRUST).replace("</", "<\\/")
    script = f"setTimeout(() => document.body.insertAdjacentHTML('beforeend', {box}), {int(request.number('ms', 1000))})"
    return _over("Tiles", f"<script>{script}</script>")


def _awaited(request: Request) -> Response:
    """A short page that loads the script of a known consent manager, whose box comes late."""
    port = request.host.rpartition(":")[2]
    box = json.dumps(ONETRUST).replace("</", "<\\/")
    script = f"setTimeout(() => document.body.insertAdjacentHTML('beforeend', {box}), 1200)"
    late = f'<script src="http://cdn.cookielaw.org:{port}/article-en"></script><script>{script}</script>'
    return _over(
        "Tiles",
        late,
        article=paragraphs("Roof tiles in this town are red because the clay is. " * 3),
    )


def _framed(request: Request) -> Response:
    host = f"localhost:{request.host.rpartition(':')[2]}"
    return _over("Tiles", FRAMED.replace("FRAME", f"http://{host}/consent-frame"))


def _sourcepoint(request: Request) -> Response:
    address = f"http://localhost:{request.host.rpartition(':')[2]}/index.html?message_id=1"
    return _over(
        "Tiles",
        FRAMED.replace("FRAME", address)
        .replace('id="ask"', 'id="sp_message_container_1"')
        .replace('"ask"', '"sp_message_container_1"'),
    )


BOXES = {
    "onetrust": ONETRUST, "cookiebot": COOKIEBOT, "usercentrics": USERCENTRICS, "didomi": DIDOMI, "quantcast": QUANTCAST,
    "cookieconsent": COOKIECONSENT, "generic": GENERIC, "chinese": CHINESE, "notice": NOTICE, "only-accept": ONLY_ACCEPT,
    "locked": LOCKED, "stubborn": STUBBORN, "modal": MODAL, "newsletter": NEWSLETTER, "steering": STEERING,
    "mislabelled": MISLABELLED, "busy": BUSY, "reloading": RELOADING,
}  # fmt: skip
"""Name of the page (`/consent-NAME`) → the box over its article."""

PLACES = (
    *(
        Page(f"/consent-{name}", f"an article under a box: {name}", fixed(_over("Tiles", box)))
        for name, box in BOXES.items()
    ),
    Page("/consent-late", "a box that comes `?ms=` late (1000)", _late),
    Page(
        "/consent-awaited", "a short page whose box comes 1.2 s late, from a known site", _awaited
    ),
    Page("/consent-framed", "a box in a frame of another site", _framed),
    Page("/consent-sourcepoint", "a box of Sourcepoint, in a frame of another site", _sourcepoint),
    Page("/index.html", "the content of that frame", fixed(Response(body=_SOURCEPOINT.encode()))),
    Page("/consent-frame", "the content of that frame", fixed(Response(body=_FRAME.encode()))),
    Page(
        "/consent-about",
        "a page that speaks of cookies and asks nothing",
        fixed(_over("Cookies", ABOUT_COOKIES, article="")),
    ),
    Page("/consent-none", "the same article without a box", fixed(_over("Tiles", ""))),
)
