"""Finds the elements of a page that its article consists of, given the text that an extractor found (pure).

Extractors flatten markup and drop parts. Here their text only tells which blocks of the page belong to the
article; what stands between these blocks, or is built like them, is added, and the page's own markup is
kept.
"""

import re
from collections.abc import Iterable, Iterator

import lxml.etree
from lxml.html import HtmlElement

INLINE_TAGS = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "img", "ins", "kbd", "label", "map", "mark", "q", "rb", "rp", "rt", "rtc",
    "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr", "math", "picture", "source",
))  # fmt: skip
"""Elements that are part of a line of text; any other element is a block."""
SKIPPED_TAGS = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "button",
    "input", "select", "textarea", "head", "title", "canvas", "audio", "video",
))  # fmt: skip
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
WHOLE_TAGS = frozenset(("table", "ul", "ol", "dl", "pre", "blockquote"))
"""Elements of which all belongs to the article when a part does."""
BETWEEN_TAGS = WHOLE_TAGS | HEADINGS | {"p", "details", "math", "figcaption"}
"""Elements that belong to the article when they stand between parts of it."""
BOILERPLATE = re.compile(
    r"comment|respond|repl(?:y|ies)|disqus|relat|recommend|share|sharing|social|sidebar|advert|(?:^|[ _-])ads?(?:$|[ _-])"
    r"|sponsor|promo|newsletter|subscri|foot(?:er|nav)|nav(?:bar|igation|$|[ _-])|breadcrumb|pagination|pager"
    r"|menu|(?:^|[ _-])toc(?:$|[ _-])|copyright|bio(?:$|[ _-])|byline|widget|popup|modal|cookie|login|qrcode|toolbar"
    r"|screen-?reader|sr-only|visually-?hidden|print|(?:^|[ _-])tags?(?:$|[ _-])|meta(?:$|[ _-])|author",
    re.IGNORECASE,
)
"""Class or id of what is no part of an article."""
BOILERPLATE_TAGS = frozenset(("nav", "footer", "aside", "form"))
SENTENCE_END = re.compile(r"[.!?。！？…」』”’\"）)：:；;]$")
MAX_ELEMENTS = 100_000
MAX_DEPTH = 250
GRAM = 8
"""Characters of the pieces by which texts are compared."""
LONG = 16
"""Characters from which a block is told by its pieces; shorter ones must be equal."""
ALIKE = 0.6
"""Share of the pieces of a block that the extracted text has."""
FOUND = 0.7
"""Share of the extracted text that the marked blocks must have, else they are of no use."""
WHOLE = 0.3
"""Share of a list or table that makes all of it a part of the article."""
LINKED, LINKED_BETWEEN = 0.25, 0.5
"""Most share of links in what is added at an end of the article, and between its parts."""
MIN_CHARS = 60
MIN_PARAGRAPH = 40
MIN_SECTION = 200
"""Characters of a section, of a paragraph that is added at an end of the article, and of a section around it."""
MAX_NOTICE = 200
"""Characters of a notice of the site."""
NOTICE = re.compile(
    r"copyright|©|allrightsreserved|comment|newsletter|subscribe|followus|版权|版權|转载|轉載|责任编辑|責任編輯|编辑：|来源：|來源："
    r"|关注我们|扫码|公众号|点击下载|评论|コメント|無断転載|フォロー",
    re.IGNORECASE,
)
"""Words of such notices, without white space."""

CAPTION = re.compile(r"caption|gallery|slide|credit", re.IGNORECASE)
"""Class of what says what a picture shows."""
RELATED = re.compile(
    r"(?:sponsoredlinks|(?:you)?(?:may|might)(?:also)?like|youmayalsobeinterestedin|recommendedforyou|relatedarticles"
    r"|relatedstories|relatedposts|readnext|morefromthissite|vocêpodegostar|tambiéntepuedeinteresar|lireaussi"
    r"|dask[oö]nntesieauchinteressieren|猜你喜欢|你可能感兴趣|你可能還想看|相关(?:阅读|推荐|文章|新闻)|推荐阅读|延伸阅读|相關(?:文章|新聞)"
    r"|関連(?:記事|リンク|ニュース)|おすすめ記事|あわせて読みたい)[.…:：!！]*",
    re.IGNORECASE,
)
"""What stands alone, without white space, above links to other articles."""
ENDING = re.compile(
    r"newsletter|subscribe|shareitwith|sharethis|followus|followher|followhim|havea(?:news)?tip\?|\bcomments?$"
    r"|tellusinthecomments|关注我们|扫码|公众号|点击下载|责任编辑|責任編輯|フォロー",
    re.IGNORECASE,
)
"""Words, without white space, of short lines of the site below an article."""
LAST_LINES = 4


class Block:
    """An element with text of its own, and totals of its subtree."""

    __slots__ = ("chars", "element", "kept", "kept_chars", "linked", "own", "own_linked", "parts")

    def __init__(self, element: HtmlElement) -> None:
        self.element = element
        self.parts: list[str] = []
        self.own = ""
        """Its text without inner blocks and without white space."""
        self.own_linked = 0
        self.kept = False
        self.chars = self.linked = self.kept_chars = 0


def squeezed(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def blocks_of(root: HtmlElement) -> dict[HtmlElement, Block]:
    """The blocks of a tree in document order, each with its own text."""
    blocks: dict[HtmlElement, Block] = {root: Block(root)}
    open_blocks, links, skipped = [blocks[root]], 0, 0

    def add(text: str | None) -> None:
        if text and not skipped and not text.isspace():
            piece = squeezed(text)
            open_blocks[-1].parts.append(piece)
            open_blocks[-1].own_linked += len(piece) if links else 0

    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            add(element.tail)
            continue
        tag = element.tag
        if event == "start":
            skipped += tag in SKIPPED_TAGS
            links += tag == "a"
            if tag not in INLINE_TAGS and element is not root:
                blocks[element] = Block(element)
                open_blocks.append(blocks[element])
            # pronunciation is beside the text, not in it
            add(None if tag in ("rt", "rp") else element.text)
            continue
        if tag not in INLINE_TAGS and element is not root:
            open_blocks.pop()
        skipped -= tag in SKIPPED_TAGS
        links -= tag == "a"
        if element is not root:
            add(element.tail)
    for block in blocks.values():
        block.own = "".join(block.parts)
    return blocks


def linkless_chars(root: HtmlElement) -> int:
    """Characters outside of links, in blocks that are no lists of links."""
    return sum(
        len(block.own) - block.own_linked
        for block in blocks_of(root).values()
        if len(block.own) > 2 * block.own_linked
    )


def article_elements(root: HtmlElement, extracted: HtmlElement, visible: str = "") -> bool:
    """Removes from the page (changed in place) what is not its article; False, without a change, when
    the extracted text is not found in the page.

    `visible` is the text that readers see: blocks that are not in it are hidden and left out.
    """
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS or _is_deep(root):
        return False
    page = _Page(root)
    if not page.mark([block.own for block in blocks_of(extracted).values() if block.own]):
        return False
    page.complete()
    if visible:
        page.leave_out_hidden(visible)
    page.leave_out_repeats()
    page.leave_out_endings()
    page.prune()
    return True


class _Page:
    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self.blocks = blocks_of(root)
        self.order = list(self.blocks.values())
        self.region = root
        self._kinds: set[str] = set()

    def mark(self, extracted: list[str]) -> bool:
        """Marks the blocks whose text was extracted; whether they have most of it."""
        whole = "".join(extracted)
        known, pieces = set(extracted), _pieces(whole)
        for block in self.order:
            if len(block.own) >= LONG:
                block.kept = block.own in known or _share(block.own, pieces) >= ALIKE
        self._total()
        self.region = self._region()
        inside = set(self.region.iter())
        for block in self.order:
            if block.element not in inside:
                block.kept = block.kept and block.element.tag in HEADINGS
            elif 0 < len(block.own) < LONG:
                block.kept = block.own in known
            elif not block.own:
                block.kept = False
        self._first_heading(known)
        self._total()
        return bool(whole) and self.blocks[self.root].kept_chars >= FOUND * len(whole)

    def _first_heading(self, known: set[str]) -> None:
        """The heading of the article may stand above the element that holds its text."""
        for block in self.order:
            if block.element.tag == "h1" and block.own in known:
                block.kept = True
                return

    def _region(self) -> HtmlElement:
        """The innermost element that has nearly all marked text."""
        total = self.blocks[self.root].kept_chars
        found = self.root
        for block in self.order:
            if block.kept_chars >= 0.9 * total:
                found = block.element
        return found

    def _total(self) -> None:
        for block in self.order:
            block.chars, block.linked = len(block.own), block.own_linked
            block.kept_chars = block.chars if block.kept else 0
        for block in reversed(self.order):
            if block.element is not self.root and (above := self._parent(block.element)):
                above.chars += block.chars
                above.linked += block.linked
                above.kept_chars += block.kept_chars

    def _parent(self, element: HtmlElement) -> Block | None:
        at = element.getparent()
        while at is not None and at not in self.blocks:
            at = at.getparent()
        return None if at is None else self.blocks[at]

    def complete(self) -> None:
        """Adds what belongs to the marked blocks, from the inside outwards, twice: a part that was
        added can make its neighbour one."""
        elements = set(self.region.iter())
        inside = [block for block in self.order if block.element in elements]
        self._kinds = {
            _kind(block.element)
            for block in inside
            if block.kept and "." in _kind(block.element) and len(block.own) >= LONG
        }
        for _ in range(2):
            for block in reversed(inside):
                if self._is_mostly_kept(block):
                    self._keep(block.element)
                elif block.kept_chars:
                    self._complete_children(block.element)
            self._total()
        self._complete_upwards()

    def _is_mostly_kept(self, block: Block) -> bool:
        """Whether it is a list or table of which a notable part belongs to the article."""
        return (
            block.element.tag in WHOLE_TAGS
            and block.kept_chars >= WHOLE * block.chars > 0
            and block.linked <= LINKED_BETWEEN * block.chars
        )

    def _complete_upwards(self) -> None:
        """Adds sections around the region whose blocks are of the kinds of the article's."""
        inner = self.region
        for parent in self.region.iterancestors():
            if parent not in self.blocks:
                continue
            for child in _inner_blocks(parent, self.blocks):
                block = self.blocks[child]
                apart = not block.kept_chars and inner not in set(child.iter())
                few_links = block.linked <= LINKED * block.chars
                if apart and block.chars >= MIN_SECTION and few_links and self._is_alike(block):
                    self._keep(child)
            self._total()
            if parent is self.root:
                return
            inner = parent

    def _is_alike(self, block: Block) -> bool:
        """Whether most of its text is in blocks of a tag and class that blocks of the article have."""
        alike = sum(
            len(self.blocks[one].own)
            for one in block.element.iter()
            if one in self.blocks and _kind(one) in self._kinds
        )
        boilerplate = _is_boilerplate(block.element, besides="sidebar")
        return alike >= ALIKE * block.chars and not boilerplate

    def _complete_children(self, parent: HtmlElement) -> None:
        children = [self.blocks[child] for child in _inner_blocks(parent, self.blocks)]
        kept = [at for at, child in enumerate(children) if child.kept_chars]
        if not kept:
            return
        shapes: dict[str, int] = {}
        for at in kept:
            shape = self._shape(children[at].element)
            shapes[shape] = shapes.get(shape, 0) + 1
        for at, child in enumerate(children):
            if child.chars and not child.kept_chars:
                between = kept[0] < at < kept[-1]
                heads = child.element.tag in HEADINGS and at + 1 in kept
                beside = at - 1 in kept or at + 1 in kept
                if self._belongs(child, between=between, shapes=shapes, heads=heads, beside=beside):
                    self._keep(child.element)

    def _belongs(
        self, child: Block, *, between: bool, shapes: dict[str, int], heads: bool, beside: bool
    ) -> bool:
        """Whether a block without marked text is a part of the article, by its kind and its place."""
        element, tag = child.element, child.element.tag
        if child.linked > (LINKED_BETWEEN if between else LINKED) * child.chars:
            return False
        if self._is_alike(child):
            return True
        if _is_boilerplate(element):
            return False
        shape = self._shape(element)
        if between:
            return tag in BETWEEN_TAGS or shape in shapes or self._is_figure(child)
        if heads or tag == "figcaption":
            return True
        if tag == "li" or (child.chars < MAX_NOTICE and NOTICE.search(child.own)):
            return False
        if beside and self._is_figure(child):
            return True
        if tag in ("section", "article") or "." in _kind(element):
            if shape in shapes and (child.chars >= MIN_CHARS or shapes[shape] >= 3):
                return True
        elif shapes.get(shape, 0) >= 3 and "/" in shape:
            return True
        ends = SENTENCE_END.search(child.own) is not None
        return tag == "p" and shape in shapes and child.chars >= MIN_PARAGRAPH and ends

    def _is_figure(self, block: Block) -> bool:
        """Whether all its text is that of figures: captions, which extractors drop."""
        inside = {one for figure in block.element.iter("figure") for one in figure.iter()}
        return sum(len(self.blocks[one].own) for one in inside if one in self.blocks) == block.chars

    def _shape(self, element: HtmlElement) -> str:
        """Tag and class of the element and of what is nested alone in it."""
        found = _kind(element)
        while len(element) == 1 and not (element.text or "").strip() and found.count("/") < 4:
            element = element[0]
            if not isinstance(element.tag, str) or element.tag == "a":
                break
            found += f"/{element.tag}"
        return found

    def _keep(self, element: HtmlElement) -> None:
        """Keeps all text of an element but its inner lists of links and boilerplate."""
        for one in _walk(element):
            block = self.blocks.get(one)
            if block is not None:
                block.kept = True
        for block in (self.blocks[one] for one in element.iter() if one in self.blocks):
            block.kept_chars = len(block.own)

    def leave_out_hidden(self, visible: str) -> None:
        """Unmarks blocks whose text readers do not see."""
        whole = squeezed(visible)
        pieces = _pieces(whole)
        kept = [block for block in self.order if block.kept and block.own]
        hidden = [block for block in kept if not _is_in(block.own, whole, pieces)]
        if sum(len(block.own) for block in hidden) > sum(len(block.own) for block in kept) / 2:
            return  # the text is of another kind, such as one read in a simpler way
        for block in hidden:
            block.kept = False

    def leave_out_repeats(self) -> None:
        """Unmarks titles, and captions of a slide show, that stand in the article again.

        Other equal paragraphs are the author's.
        """
        titles: set[str] = set()
        captions: set[str] = set()
        for block in self.order:
            if not block.kept or not block.own:
                continue
            seen = captions if self._is_caption(block.element) else titles
            block.kept = block.own not in seen
            if block.element.tag == "h1" or seen is captions:
                seen.add(block.own)

    def _is_caption(self, element: HtmlElement) -> bool:
        above = (element, *(one for one, _ in zip(element.iterancestors(), range(2), strict=False)))
        return any(one.tag == "figcaption" or CAPTION.search(_kind(one)) for one in above)

    def leave_out_endings(self) -> None:
        """Unmarks what the site has below the article: other articles, requests to subscribe or share."""
        before = 0
        for at, block in enumerate(self.order):
            before += len(block.own) if block.kept else 0
            if before >= MIN_SECTION and RELATED.fullmatch(block.own):
                self._leave_out_related(at)
        last = [block for block in self.order if block.kept and block.own][-LAST_LINES:]
        for block in last:
            if len(block.own) < MAX_NOTICE and ENDING.search(block.own):
                block.kept = False

    def _leave_out_related(self, at: int) -> None:
        """Unmarks what follows the words "related articles" in the same element; when that is more than
        what stands before in it, the article goes on there."""
        box = self.order[at].element.getparent()
        inside = set(() if box is None else box.iter())
        above = [block for block in self.order[:at] if block.kept and block.element in inside]
        below = [block for block in self.order[at:] if block.kept and block.element in inside]
        if not above or _chars(below) < _chars(above):
            for block in below:
                block.kept = False

    def prune(self) -> None:
        """Removes the text of unmarked blocks and everything outside of the article."""
        self._total()
        for block in reversed(self.order):
            element = block.element
            if element is self.root:
                _strip_own(element, self.blocks)
            elif not block.kept_chars:
                _remove(element)
            elif not block.kept and block.own:
                _strip_own(element, self.blocks)
            if element.tag == "form":
                element.tag = "div"  # some sites have the whole page in a form


def _chars(blocks: Iterable[Block]) -> int:
    return sum(len(block.own) for block in blocks)


def _is_deep(root: HtmlElement) -> bool:
    """Whether elements are nested so deeply that only an attack explains it."""
    depth = deepest = 0
    for event, _ in lxml.etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _kind(element: HtmlElement) -> str:
    """Tag and classes, `div.para`."""
    classes = ".".join(sorted((element.get("class") or "").split()))
    return f"{element.tag}.{classes}" if classes else str(element.tag)


def _pieces(text: str) -> set[str]:
    return {text[at : at + GRAM] for at in range(max(0, len(text) - GRAM + 1))}


def _share(text: str, pieces: set[str]) -> float:
    """Share of the pieces of a text that are among these."""
    starts = range(0, max(1, len(text) - GRAM + 1), 3)
    return sum(text[at : at + GRAM] in pieces for at in starts) / len(starts)


def _is_in(text: str, whole: str, pieces: set[str]) -> bool:
    return text in whole or (len(text) >= LONG and _share(text, pieces) >= ALIKE)


def _inner_blocks(parent: HtmlElement, blocks: dict[HtmlElement, Block]) -> Iterator[HtmlElement]:
    """The nearest blocks below an element."""
    for child in parent:
        if child in blocks:
            yield child
        elif len(child):
            yield from _inner_blocks(child, blocks)


def _is_boilerplate(element: HtmlElement, besides: str = "") -> bool:
    if element.tag in BOILERPLATE_TAGS:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if besides:
        names = names.replace(besides, "")
    return BOILERPLATE.search(names) is not None


def _walk(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and what is in it, without boilerplate."""
    yield element
    for child in element:
        if isinstance(child.tag, str) and not _is_boilerplate(child, besides="sidebar"):
            yield from _walk(child)


def _remove(element: HtmlElement) -> None:
    """Removes an element; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _strip_own(element: HtmlElement, blocks: Iterable[HtmlElement]) -> None:
    """Removes the text of an element that is not in inner blocks."""
    element.text = None
    for child in list(element):
        child.tail = None
        if child in blocks:
            continue
        if any(inner in blocks for inner in child.iterdescendants()):
            _strip_own(child, blocks)
        else:
            element.remove(child)
