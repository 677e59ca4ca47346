"""Pages on which layout, not punctuation, tells where words begin and end."""

from __future__ import annotations

from linkshot.samples.loopback import Response
from tests.site.markup import Page, fixed, read

PLACES = (
    Page("/apart", "words that only the layout parts, and parts of words", fixed(Response(body=read("apart.html").encode()))),
    Page("/zh/collapsed", "text that one click opens", fixed(Response(body=read("collapsed.html").encode()))),
    Page("/zh/wrapped", "Chinese with line breaks in its words", fixed(Response(body=read("wrapped.html").encode()))),
)  # fmt: skip
