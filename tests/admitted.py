"""Normalizes a URL and checks it as for a new link."""

from typing import Any

from linkshot.domain.url_admission import admit
from linkshot.domain.urls import NormalURL, normalize


def admitted(raw: object, *, scheme_default: bool = False, **policy: Any) -> NormalURL:
    """The normal form of an admitted link; InvalidURL otherwise."""
    return admit(normalize(raw, scheme_default=scheme_default), **policy)
