"""Takes the markup out of a title or note that is written in HTML. (pure)"""

import re

from linkshot.importers.entities import in_text

MARKUP = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<>]{0,2000})?>")
SINGLE = frozenset(
    """br col dd dt hr img li p rp rt tbody td tfoot th thead tr wbr""".split()  # noqa: SIM905
)
"""Tags that shape a text and need no end tag (WHATWG HTML, 13.1.2)."""
PAIRED = frozenset(
    """a abbr acronym address article aside b bdi bdo big blockquote caption center cite code colgroup
    del details dfn div dl em figcaption figure font footer h1 h2 h3 h4 h5 h6 header i ins kbd label
    main mark nav nobr ol picture pre q ruby s samp section small span strike strong sub summary sup
    table time tt u ul var""".split()  # noqa: SIM905  # a list of words
)
"""Tags that shape a text up to their end tag. Without it, and others anyway, they are words of a text
about HTML: `<script>` in a title, `use <b> for bold`."""


def plain_text(source: str) -> str:
    """The words without markup, character references decoded once."""
    return in_text(_without_markup(source) if "<" in source else source).strip()


def _without_markup(source: str) -> str:
    tags = {(end, name.lower()) for end, name in MARKUP.findall(source)}
    paired = {name for _, name in tags if {("", name), ("/", name)} <= tags}
    shaping = SINGLE | (paired & PAIRED)
    return MARKUP.sub(lambda tag: "" if tag[2].lower() in shaping else tag[0], source)
