"""Pages that `outerHTML` alone would not keep, one for each way in which a page hides what it shows."""

from __future__ import annotations

from dataclasses import dataclass

from linkshot.samples.loopback import Response
from tests.site.draw import png
from tests.site.server import Site

TILE = png(40, 40, (170, 20, 20))
BLUE = png(40, 40, (20, 20, 170))
SHEET = "text/css; charset=utf-8"
XHTML = "application/xhtml+xml; charset=utf-8"
SPRITE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><style>.i{display:none}'
    '.i:target{display:inline}</style><rect class="i" id="red" width="40" height="40" fill="red"/>'
    '<linearGradient id="fade"><stop stop-color="blue"/><stop offset="1" stop-color="lime"/>'
    '</linearGradient><symbol id="sign" viewBox="0 0 40 40"><rect width="40" height="40" '
    'fill="url(#fade)"/></symbol></svg>'
)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A page and the words that have to be seen on it."""

    html: str
    words: tuple[str, ...] = ()
    content_type: str = "text/html; charset=utf-8"

    @property
    def response(self) -> Response:
        """The page as it is served."""
        return Response(content_type=self.content_type, body=self.html.encode())


def page(body: str, *words: str, head: str = "") -> Frozen:
    """A page of today with this body."""
    return Frozen(
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>t</title>{head}</head>"
        f"<body>{body}</body></html>",
        words,
    )


def _shadow(mode: str, inner: str) -> str:
    return (
        f"<x-box></x-box><script>customElements.define('x-box',class extends HTMLElement{{"
        f"connectedCallback(){{const r=this.attachShadow({{mode:'{mode}'}});r.innerHTML=`{inner}`;"
        "const s=new CSSStyleSheet();s.replaceSync('p{color:#060;background:url(/tile.png)}');"
        "r.adoptedStyleSheets=[s]}})</script>"
    )


PAGES: dict[str, Frozen] = {
    "an open shadow root": page(
        "<p>out</p>" + _shadow("open", "<style>p{padding:20px}</style><p>内 inside open</p>"),
        "内 inside open",
    ),
    "a closed shadow root": page(_shadow("closed", "<p>inside closed</p>"), "inside closed"),
    "shadow roots in each other": page(
        "<div id=a></div><script>const r=a.attachShadow({mode:'closed'});"
        "r.innerHTML='<h2>first</h2><div id=b><i>slotted</i></div>';"
        "r.getElementById('b').attachShadow({mode:'open'}).innerHTML="
        "'<style>::slotted(i){color:red}</style><slot></slot><b>second</b>'</script>",
        "first", "slotted", "second",
    ),
    "sheets that a script adopts": page(
        "<p class=y>adopted</p><script>const s=new CSSStyleSheet();"
        "s.replaceSync('.y{background:#246;color:#fff;padding:40px}');"
        "document.adoptedStyleSheets=[s]</script>",
        "adopted",
    ),
    "rules that a script inserts": page(
        "<p class=x>inserted</p><script>document.getElementById('s').sheet.insertRule("
        "'.x{background:#642;color:#fff;padding:40px}')</script>",
        "inserted",
        head="<style id=s></style>",
    ),
    "a shorthand with a variable": page(
        "<p>variable</p>",
        head="<style>:root{--b:#395}p{background:var(--b);background-size:cover;padding:50px}</style>",
    ),
    "quirks mode": Frozen(
        "<style>div{height:50%;background:#356}td{font-size:2em}</style>"
        "<body style='font-size:30px'><div></div><table><td>old</table>", ("old",)
    ),
    "backgrounds of old pages": Frozen(
        "<body background=/tile.png text=white><table background='/图片.png' width=300>"
        "<tr><td background='/two words.png'>cell</table>", ("cell",)
    ),
    "a modal dialog": page(
        "<p>behind</p><dialog id=d><h2>choose</h2><button>one</button></dialog>"
        "<script>d.showModal()</script>",
        "behind", "choose",
        head="<style>dialog{width:400px;border:4px solid #a00}dialog::backdrop{background:#0008}</style>",
    ),
    "a popover": page(
        "<p>behind</p><div popover id=d>popped</div><div popover>hidden</div>"
        "<script>d.showPopover()</script>",
        "popped",
        head="<style>[popover]{width:300px;padding:30px;background:#fd8}</style>",
    ),
    "open details": page("<details id=d><summary>s</summary>drawer</details><script>d.open=true</script>", "drawer"),
    "frames": page(
        "<p>main</p><iframe src=/frame.html></iframe><iframe srcdoc='<p>from srcdoc'></iframe>"
        "<iframe id=b></iframe><iframe src=/quirks.html></iframe>"
        "<script>b.src=URL.createObjectURL(new Blob(['<p>from blob'],{type:'text/html'}))</script>",
        "main", "deep inside", "from srcdoc", "from blob", "quirky",
    ),
    "a frameset": Frozen(
        "<html><head><title>t</title></head><frameset cols='30%,70%'><frame src=/left.html>"
        "<frame src=/frame.html></frameset></html>", ("on the left", "deep inside")
    ),
    "an object with a document": page("<object data=/left.html type=text/html width=300 height=200></object>", "on the left"),
    "an object and an embed with pictures": page(
        "<object data=/tile.png width=80 height=80></object><embed src=/sprite.svg#red width=80 height=80>"
        "<object data=/none.png>fallback</object>", "fallback"
    ),
    "a canvas": page(
        "<style>canvas{border:3px solid;margin:10px;width:300px}</style><p>a<canvas id=c width=100 height=60>"
        "</canvas>b</p><script>const g=c.getContext('2d');g.fillStyle='#c31';g.fillRect(0,0,90,50)</script>"
    ),
    "a canvas that no script may read": page(
        "<canvas id=c width=100 height=60></canvas><img id=i hidden><script>i.onload=()=>"
        "c.getContext('2d').drawImage(i,0,0);i.src=location.href.replace('127.0.0.1','localhost')"
        ".replace('frozen','tile.png')</script>"
    ),
    "a picture from a blob": page(
        "<img id=i width=60><div id=d style='width:50px;height:50px'></div><script>"
        "fetch('/tile.png').then(r=>r.blob()).then(b=>{i.src=URL.createObjectURL(b);"
        "d.style.background=`url(${URL.createObjectURL(b)})`;"
        "i.onload=()=>URL.revokeObjectURL(i.src)})</script>"
    ),
    "a sheet from a blob": page(
        "<p>from a blob</p><link id=l rel=stylesheet><script>l.href=URL.createObjectURL(new Blob(["
        "'p{background:#363;color:#fff;padding:60px}'],{type:'text/css'}))</script>", "from a blob"
    ),
    "a sheet of another site": page(
        "<p>other site</p><script>document.write(`<link rel=stylesheet href=\"${location.origin"
        ".replace('127.0.0.1','localhost')}/other.css\">`)</script>", "other site"
    ),
    "sheets to choose from": page(
        "<p>preferred</p><script>document.getElementById('c').disabled=false</script>", "preferred",
        head="<style title=A>p{background:#363}</style><style title=B>body{background:#f00}</style>"
        "<link rel='alternate stylesheet' title=B href='data:text/css,p{font-size:99px}'>"
        "<style title=A media=print>p{color:#f00}</style>"
        "<link id=c rel='alternate stylesheet' title=C href='/other.css'>",
    ),
    "imported sheets": page(
        "<p>x<b>y</b><i>z</i>", "x", head="<style>@import '/first.css' screen;</style><link rel=stylesheet href=/import.css>"
    ),
    "names of any letters": page(
        "<div id=a></div><div id=b></div><div id=c></div><div id=d></div><img src='/two words.png'>"
        "<img srcset='/图片.png 1x'><img src='/图片.png'>",
        head="<style>div{width:40px;height:40px}#a{background:url('/图片.png')}"
        "#b{background:url(\"/tile (1).png\")}#c{background:url(/tile\\(2\\).png)}#d{background:#123}</style>"
        "<link rel=stylesheet href=/escaped.css>",
    ),
    "a sprite of many rules": page(
        "".join(f"<i class=s{n}></i>" for n in range(60)),
        head="<style>i{float:left;width:9px;height:9px;margin:1px}"
        + "".join(f".s{n}{{background:url(/sheet.png) -{n}px -{n * 2}px}}" for n in range(60)) + "</style>",
    ),
    "a picture in many places": page("<img src=/sheet.png width=100>" * 40),
    "a set of pictures": page(
        "<div></div><p></p>",
        head="<style>div,p{width:40px;height:40px}div{background:image-set('/tile.png' 1x, '/blue.png' 2x)}"
        "p{background:-webkit-image-set(url(/blue.png) 1x)}</style>",
    ),
    "pieces of a drawing": page(
        "<img src=/sprite.svg#red width=40><svg width=40 height=40><use href=/sprite.svg#sign></use></svg>"
        "<svg width=40 height=40><use xlink:href='/sprite.svg#sign'/></svg><div id=h></div>"
        "<script>h.attachShadow({mode:'open'}).innerHTML='<svg width=40 height=40><use href=/sprite.svg#sign /></svg>'</script>"
    ),
    "pictures inside a drawing": page("<svg width=90 height=90><image href=/tile.png width=80 height=80 /><image y=40 xlink:href=/blue.png width=40 height=40 /></svg>"),
    "XHTML": Frozen(
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title><style><![CDATA[ p > b '
        "{ color: #a00; font-size: 60px } ]]></style></head><body><p>a <b>bold</b></p><div/><p>after</p>"
        '<textarea rows="2"/></body></html>', ("bold", "after"), XHTML,
    ),
    "what was typed and chosen": page(
        "<input id=i><textarea id=t>old</textarea><select id=s><option>a<option>b</select>"
        "<input type=checkbox id=c><script>i.value='typed 字';t.value='new';s.selectedIndex=1;c.checked=true</script>"
    ),
    "elements that are counted": page(
        "<ul><template></template><li>1<li>2</ul><p>x</p><script>1</script><p>y</p>",
        head="<style>li:nth-child(2){background:#a66;padding:30px}body>:nth-child(4){background:#6a6;padding:30px}</style>",
    ),
    "custom elements without a definition": page(
        "<x-none>hidden</x-none><x-some>defined</x-some><script>customElements.define('x-some',class extends HTMLElement{})</script>",
        "defined",
        head="<style>:not(:defined){display:none}x-some:defined{font-size:60px}</style>",
    ),
    "words in a pre": page("<pre>\n\n  one\n two</pre><xmp><b>raw</b></xmp>", "<b>raw</b>"),
    "scrolled boxes": page(
        "<style>.b{width:200px;height:100px;overflow:auto;border:3px solid;padding:7px}.b i{display:block;height:30px}"
        ".w{display:flex;gap:9px;width:300px;overflow:hidden;position:relative}.w img{flex:none;width:150px;height:50px}"
        "i:first-child{color:red}i:last-child{color:green}.used::before,.used::after{content:'!'}</style>"
        "<div class=b data-y=57></div><pre class=b data-y=31>one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n</pre>"
        "<div class=w data-x=130><img src=/tile.png><img src=/blue.png><img src=/tile.png><img src=/blue.png></div>"
        "<div class=b data-y=40><div class=b data-y=95></div><b style='display:block;height:400px'>end</b></div>"
        "<div id=host></div><script>const fill=box=>{for(let n=0;n<30;n++)box.innerHTML+=`<i>row ${n}</i>`};"
        "document.querySelectorAll('.b:not(pre):not(:has(b))').forEach(fill);const root=host.attachShadow({mode:'open'});"
        "root.innerHTML='<style>p{height:60px;overflow:auto}i{display:block;height:30px}</style><p></p>';"
        "fill(root.firstElementChild.nextSibling);root.querySelector('p').scrollTop=75;"
        "document.querySelectorAll('[data-y],[data-x]').forEach(box=>box.scrollTo(box.dataset.x||0,box.dataset.y||0))</script>",
        "row 5"
    ),
    "elements that no parser nests": page(
        "<style>p{background:#fc0;margin:20px;padding:15px;border:3px solid #00f}div div{background:#0cf;padding:9px}"
        "a,button{display:inline-block;padding:9px;background:#fcc;border:2px solid}tr{background:#eee}"
        "td{padding:20px;border:3px solid #f0f;background:#222;color:#fff}h1,h2{background:#ccf;padding:9px}"
        "table{border:9px solid red}li,dt{background:#dd0;margin:9px}</style><div id=r></div><script>"
        "const e=(name,...inside)=>{const made=document.createElement(name);made.append(...inside);return made};"
        "r.append(e('p','before',e('div','in a p'),'after'),e('p',e('span',e('ul',e('li','deep'))),'end'),"
        "e('p',e('table',e('tr',e('td','cell')))),e('a','outer ',e('b',e('a','inner'))),e('button',e('button','twice')),"
        "e('tr',e('td','row'),e('td','in a div')),e('table',e('div','block'),e('tr',e('td','x'),'text')),"
        "e('h1','one',e('h2','two')),e('ul',e('li','a',e('span',e('li','b')))),e('dl',e('dt','c',e('dt','d'))));"
        "document.head.append(e('div','in the head'))</script>",
        "in a p", "deep", "inner", "twice", "in a div", "block", "two"
    ),
    "names that hide properties": page(
        "<form><input name=attributes><input name=firstChild><input name=nodeType value=typed></form>"
        "<img name=baseURI src=/tile.png><img name=doctype src=/blue.png>"
    ),
}  # fmt: skip


def serve_parts(site: Site) -> None:
    """Whatever the pages show."""
    for name in ("tile", "图片", "two words", "tile (1)", "tile(2)"):
        site.put(f"/{name}.png", Response(content_type="image/png", body=TILE))
    site.put("/blue.png", Response(content_type="image/png", body=BLUE))
    site.put("/sheet.png", Response(content_type="image/png", body=_large()))
    site.put("/sprite.svg", Response(content_type="image/svg+xml", body=SPRITE.encode()))
    sheets = {
        "/first.css": "@import url('deeper/second.css'); p{color:#a00}",
        "/deeper/second.css": "b{display:block;height:40px;background:url(../tile.png)}",
        "/import.css": "@import 'third.css' layer(x) screen; i{color:#0a0}",
        "/third.css": "i{font-size:50px}",
        "/escaped.css": "u{background:url(/tile\\(2\\).png)}#d{background:#321}",
        "/other.css": "p{background:url(tile.png);padding:60px;color:#fff}",
    }
    for path, css in sheets.items():
        site.put(path, Response(content_type=SHEET, body=css.encode()))
    site.put(
        "/frame.html",
        "<!DOCTYPE html><p style='background:url(/tile.png)'>deep<iframe srcdoc='<p>inside'></iframe>",
    )
    site.put(
        "/frame.html", "<!DOCTYPE html><style>p{background:url(/tile.png)}</style><p>deep inside"
    )
    site.put("/left.html", "<!DOCTYPE html><body bgcolor=yellow><p>on the left")
    site.put("/quirks.html", "<style>div{height:50%;background:#567}</style><div>quirky</div>")


def _large() -> bytes:
    """A picture of many bytes: PNG keeps what follows its end."""
    return png(200, 200, (90, 120, 30)) + bytes(range(256)) * 1300
