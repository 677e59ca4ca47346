"""Markup that is inert when it is parsed once and runs when it was written out and parsed again (P33).

The classes are those of public sanitizer tests: a change of namespace, raw text that ends in an attribute,
foster parenting out of tables, forms in forms, comments with other ends, encoded addresses, templates,
clobbered names. Each leaves a mark on the root element of the document that it runs in.
"""

MARK = "document.documentElement.dataset.mutated=&quot;{n}&quot;"
_IMG = "<img src=x onerror='{mark}'>"
_IN_TEXT = "&lt;img src=x onerror='{mark}'&gt;"

_VECTORS = (
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;" + _IN_TEXT + '">',
    "<math><mtext><table><mglyph><style><math><table id=\"</table>" + _IN_TEXT + '">',
    "<math><annotation-xml encoding='text/html'><style><img title=\"</style>" + _IN_TEXT + '"></style></annotation-xml></math>',
    "<math><mi><mglyph><svg><mtext><style><path id=\"</style>" + _IN_TEXT + '">',
    "<form><math><mtext></form><form><mglyph><style></math>" + _IMG,
    "<svg></p><style><a id=\"</style>" + _IN_TEXT + '">',
    "<svg><style>&lt;/style&gt;" + _IN_TEXT + "</style></svg>",
    "<svg><title><style><a title=\"</title>" + _IN_TEXT + '"></style></title></svg>',
    "<svg><desc><noscript><p title=\"</noscript>" + _IN_TEXT + '"></noscript></desc></svg>',
    "<svg><foreignObject><math><annotation-xml><style>&lt;/style&gt;" + _IN_TEXT + "</style></annotation-xml></math></foreignObject></svg>",
    "<svg><script>{mark}</script></svg>",
    "<svg><script href='data:text/javascript,{mark}'></script></svg>",
    "<svg><animate onbegin='{mark}' attributeName=x dur=1s>",
    "<svg><set attributeName=onload to='{mark}'></set></svg>",
    "<svg><a><animate attributeName=href values='javascript:{mark}'/><text y=20>drift</text></a></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='{mark}'/></svg>#x\"></svg>",
    "<noscript><p title=\"</noscript>" + _IN_TEXT + '"></noscript>',
    "<noframes><p title=\"</noframes>" + _IN_TEXT + '"></noframes>',
    "<noembed><p title=\"</noembed>" + _IN_TEXT + '"></noembed>',
    "<iframe><p title=\"</iframe>" + _IN_TEXT + '"></iframe>',
    "<xmp><p title=\"</xmp>" + _IN_TEXT + '"></xmp>',
    "<textarea><p title=\"</textarea>" + _IN_TEXT + '"></textarea>',
    "<title><p title=\"</title>" + _IN_TEXT + '"></title>',
    "<select><style></select><a title=\"</style>" + _IN_TEXT + '"></style></select>',
    "<select><option><xmp></select>" + _IN_TEXT + "</xmp></option></select>",
    "<table><td><a title=\"</td></table>" + _IN_TEXT + '"></a></td></table>',
    "<table><caption><math><mtext><style></caption>" + _IMG + "</style></mtext></math></caption></table>",
    "<template><img src=x onerror='{mark}'></template>",
    "<div><template shadowrootmode=open><img src=x onerror='{mark}'></template></div>",
    "<!--><img src=x onerror='{mark}'>-->",
    "<!--!> <img src=x onerror='{mark}'> -->",
    "<!-- --!><img src=x onerror='{mark}'> -->",
    "<?php <img src=x onerror='{mark}'> ?>",
    "<![CDATA[<img src=x onerror='{mark}'>]]>",
    "<svg><![CDATA[</svg>" + _IMG + "]]></svg>",
    "<p title='`'>`onmouseover={mark}`</p><p title='`'><img alt='``onerror={mark}' src=x>",
    "<a href='jav&#x0A;ascript:{mark}' autofocus>press</a>",
    "<a href='&#1;javascript:{mark}'>press</a>",
    "<iframe srcdoc='&lt;img src=x onerror=&quot;{mark}&quot;&gt;'></iframe>",
    "<iframe src='javascript:{mark}'></iframe>",
    "<object data='data:text/html,<script>{mark}</script>'></object>",
    "<embed src='data:image/svg+xml,<svg xmlns=&quot;http://www.w3.org/2000/svg&quot; onload=&quot;{mark}&quot;/>'>",
    "<form id=f><input name=attributes><input name=parentNode onfocus='{mark}' autofocus></form>",
    "<form><button formaction='javascript:{mark}'>go</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:{mark}'>",
    "<link rel=stylesheet href='data:text/css,*{{}}' onload='{mark}'>",
    "<base href='javascript:{mark}//'><a href='#'>here</a>",
    "<video><source onerror='{mark}'></video>",
    "<details open ontoggle='{mark}'>drawer</details>",
    "<style>@import 'data:text/css,</style>" + _IN_TEXT + "';</style>",
    "<style>p::after {{ content: '</sty\\le>" + _IN_TEXT + "' }}</style>",
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{mark}'/>\">",
    "<custom-tag is=x onclick='{mark}' style='animation: spin 1s' onanimationend='{mark}'>tag</custom-tag>",
    "<math href='javascript:{mark}'>formula</math>",
    "<math><maction actiontype='statusline#http://a' xlink:href='javascript:{mark}'>formula</maction></math>",
    "<body onload='{mark}' onpageshow='{mark}'>",
    "<plaintext><img src=x onerror='{mark}'>",
)  # fmt: skip

VECTORS = tuple(
    one.format(mark=MARK.format(n=number)) for number, one in enumerate(_VECTORS, start=1)
)
"""The last one takes all that follows it as text."""
WORDS = "渡船七点开。The ferry leaves at seven."


def page() -> str:
    """A page with all of them, each in a frame of its own and once more in the page itself."""
    frames = "".join(
        f'<iframe srcdoc="{one.replace("&", "&amp;").replace(chr(34), "&quot;")}"></iframe>'
        for one in VECTORS
    )
    inside = "".join(f"<section>{one}</section>" for one in VECTORS)
    return (
        f"<!doctype html><meta charset=utf-8><title>Mutations</title><h1>Mutations</h1>"
        f"<p>{WORDS * 12}</p>{frames}{inside}"
    )
