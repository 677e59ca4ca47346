"""Puts the pictures and fonts of one document into it, those that it uses often only once.

CSS has one way to use data in several places: a custom property of the root element, which every
element inherits, in shadow roots too. `var()` makes a declaration valid whatever stands beside it,
so it is only used where copies would cost much.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from pipelines.page_html.css_urls import (
    CssPiece,
    UrlContext,
    UrlReference,
    serialize_url,
    split_urls,
)
from pipelines.page_html.resources import Resource, ResourceMap, from_data_url
from pipelines.page_html.sanitize_page import absolute_url

MAX_IMPORT_DEPTH = 8
"""Nesting of @import; style sheets may import each other."""
MIN_SAVED_CHARS = 4_000
"""Copies that cost less than this stand where they are used."""
MISSING = "data:,"
"""Stands for what was not recorded: it fails without the network, as the resource does."""


class SizeBudget:
    """The characters left for the resources of a whole page, frames included."""

    def __init__(self, chars: int) -> None:
        self.chars = chars
        self.left_out: set[str] = set()
        """Addresses of resources that did not fit at every use."""

    def take(self, address: str, data: str) -> bool:
        """Whether it still fits; then its length is taken."""
        if len(data) > self.chars:
            self.left_out.add(address)
            return False
        self.chars -= len(data)
        return True


class DocumentResources:
    """First every use is counted, then each is written."""

    def __init__(
        self, resources: ResourceMap, blobs: Mapping[str, str], budget: SizeBudget
    ) -> None:
        self._resources = resources
        self._blobs = {address: from_data_url(data) for address, data in blobs.items() if data}
        self._budget = budget
        self._uses: Counter[str] = Counter()
        self._data: dict[str, str] = {}
        """Address without fragment → data: address, "" when there is none."""
        self._names: dict[str, str] = {}
        """Address → custom property, of shared resources."""
        self._imports: dict[str, list[CssPiece]] = {}

    def count(self, address: str) -> None:
        """A use of a resource in a declaration or an image."""
        self._uses[address] += 1

    def read_css(self, text: str, base: str, imports: int = 0) -> list[CssPiece]:
        """The text with absolute references; counts the uses in it and in the sheets it imports."""
        pieces = list(_absolute(split_urls(text), base))
        for piece in pieces:
            if isinstance(piece, UrlReference):
                if piece.place is UrlContext.IMPORT:
                    self._read_import(piece.address, imports + 1)
                elif piece.place is UrlContext.DECLARATION:
                    self.count(piece.address)
        return pieces

    def write_css(self, pieces: Iterable[CssPiece]) -> str:
        """The text with its resources inside, after everything was counted."""
        return "".join(
            piece if isinstance(piece, str) else self._written(piece) for piece in pieces
        )

    def shared(self, address: str, min_saved: int = MIN_SAVED_CHARS) -> str:
        """`var(--…)` of a resource whose copies would cost more than `min_saved` characters, else ""."""
        if name := self._names.get(address):
            return f"var({name})"
        data = self._whole(address)
        if not data or (self._uses[address] - 1) * len(data) < min_saved:
            return ""
        if not self._budget.take(address, data):
            return ""
        self._names[address] = f"--linkshot-{len(self._names)}"
        return f"var({self._names[address]})"

    def data_url(self, address: str) -> str:
        """A copy of the resource; "" if there is none or no budget. A drawing keeps its fragment, which
        selects a piece of it."""
        data = self._whole(address)
        return data if data and self._budget.take(address, data) else ""

    def variables(self) -> str:
        """The rule that defines the shared resources; "" without any."""
        lines = [
            f"{name}:{serialize_url(self._whole(address))}" for address, name in self._names.items()
        ]
        return f":root{{{';'.join(lines)}}}" if lines else ""

    def resource(self, address: str) -> Resource | None:
        """What was recorded or read in the page at this address."""
        return self._blobs.get(address) or self._resources.find(address)

    def _written(self, reference: UrlReference) -> str:
        if reference.place is UrlContext.IMPORT:
            return serialize_url(self._import_url(reference.address) or MISSING)
        if reference.place is UrlContext.DECLARATION and (shared := self.shared(reference.address)):
            return shared
        return serialize_url(self.data_url(reference.address) or MISSING)

    def _whole(self, address: str) -> str:
        place, hash_sign, fragment = address.partition("#")
        if place not in self._data:
            found = self.resource(place)
            self._data[place] = found.data_url if found else ""
        data = self._data[place]
        return f"{data}{hash_sign}{fragment}" if data.startswith("data:image/svg") else data

    def _read_import(self, address: str, imports: int) -> None:
        found = self.resource(address)
        if address in self._imports or imports > MAX_IMPORT_DEPTH or found is None:
            return
        self._imports[address] = []  # a sheet that imports itself finds nothing
        self._imports[address] = self.read_css(found.text, address, imports)

    def _import_url(self, address: str) -> str:
        """A sheet as a data: address: the only form that keeps the media, layer and condition of @import."""
        pieces = self._imports.pop(address, None)  # not again while it is written
        if pieces is None:
            return ""
        whole = self.write_css(pieces)
        self._imports[address] = pieces
        data = Resource("text/css", whole.encode("utf-8", "replace")).data_url
        data = data.replace("data:text/css;", "data:text/css;charset=utf-8;", 1)
        return data if self._budget.take(address, data) else ""


def _absolute(pieces: Iterable[CssPiece], base: str) -> Iterable[CssPiece]:
    for piece in pieces:
        if isinstance(piece, UrlReference):
            yield UrlReference(absolute_url(base, piece.address), piece.place)
        else:
            yield piece
