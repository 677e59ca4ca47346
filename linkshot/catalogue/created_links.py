"""The set of links that one import has created, as opposed to links that were known before.

Links get ascending numbers, and no other transaction adds any while one does (see upsert_links()), so
those of one transaction are a range, and those of an import of any size are a few ranges.
"""

from bisect import bisect_right

import sqlalchemy as sa

from linkshot.catalogue.imports import import_rows
from linkshot.catalogue.links import links


class CreatedLinks:
    """A set of link numbers, kept as ranges."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __contains__(self, link_no: object) -> bool:
        if not isinstance(link_no, int):
            return False
        index = bisect_right(self._firsts, link_no) - 1
        return index >= 0 and link_no <= self._lasts[index]

    def add_last(self, conn: sa.Connection, count: int) -> None:
        """The last links of the catalogue, before the transaction that added them ends."""
        if count:
            last = conn.execute(sa.select(sa.func.max(links.c.link_no))).scalar_one()
            self._add(last - count + 1, last)

    def add_earlier(self, conn: sa.Connection, import_id: str) -> None:
        """Those of the runs of this import that were interrupted, by its ledger."""
        accepted = (import_rows.c.import_id == import_id) & (import_rows.c.outcome == "accepted")
        joined = import_rows.join(links, links.c.link_id == import_rows.c.link_id)
        numbers = sa.select(links.c.link_no).select_from(joined).where(accepted)
        for number in conn.execution_options(yield_per=1000).scalars(
            numbers.order_by(links.c.link_no)
        ):
            self._add(number, number)

    def _add(self, first: int, last: int) -> None:
        if self._lasts and self._lasts[-1] == first - 1:
            self._lasts[-1] = last
        else:
            self._firsts.append(first)
            self._lasts.append(last)
