"""Markup that runs a script when it is let through; each calls evil()."""

INJECTIONS = (
    "<script>evil()</script>",
    "<svg><script>evil()</script></svg>",
    "<img src=x onerror=evil()>",
    '<a href="javascript:evil()">x</a>',
    '<a href=" JaVa\tScRiPt:evil()">x</a>',
    '<a href="&#1;javascript:evil()">x</a>',
    '<svg><a xlink:href="javascript:evil()">x</a></svg>',
    '<form action="javascript:evil()"><button formaction="javascript:evil()">x</button></form>',
    '<a href="data:text/html,<script>evil()</script>">x</a>',
    '<iframe srcdoc="<script>evil()</script>"></iframe>',
    '<object data="javascript:evil()"></object><embed src="javascript:evil()">',
    '<meta http-equiv=refresh content="0;url=javascript:evil()">',
    '<base href="javascript:evil()">',
    "<noscript><p title='</noscript><img src=x onerror=evil()>'></noscript>",
    '<svg><animate attributeName=href to="javascript:evil()"/></svg>',
    "<link rel=import href=javascript:evil()>",
    "<!--><img src=x onerror=evil()>-->",
)
