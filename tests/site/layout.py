"""Pages on which layout, not punctuation, tells where words begin and end."""

from __future__ import annotations

from linkshot.samples.loopback import Response
from tests.site.markup import Page, fixed, read

PLACES = (
    Page("/zh/wrapped", "Chinese with line breaks in its words", fixed(Response(body=read("wrapped.html").encode()))),
)  # fmt: skip
