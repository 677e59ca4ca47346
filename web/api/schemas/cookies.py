"""Cookies that people gave for sites; their values are in no answer."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from linkshot import json_shapes
from linkshot.use_cases.site_cookies import CookieImport, SiteEntry


class CookieOut(BaseModel):
    """A cookie without its value."""

    name: str
    domain: str
    host_only: bool
    """Sent to `domain` itself, not to hosts below it."""
    path: str
    secure: bool
    http_only: bool
    same_site: str
    """`Lax`, `Strict`, `None`; empty = not said."""
    expires_at: datetime | None
    """Null: with the session."""


class SiteCookiesOut(BaseModel):
    """The cookies kept for a site."""

    site: str
    cookies: list[CookieOut]
    imported_at: datetime
    opens: bool | None
    """Whether they are sealed for the key of now; null when no key is known here."""
    expired: int
    expires_at: datetime | None
    """When the next one expires."""

    @classmethod
    def of(cls, one: SiteEntry) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.site_cookies(one))


class SitesOut(BaseModel):
    """All sites with cookies, by name."""

    items: list[SiteCookiesOut]


class RejectedCookieOut(BaseModel):
    """A cookie of a file that was not taken."""

    line: int
    """In a text its line, in JSON its place in the list; from 1."""
    code: str
    reason: str


class CookieImportOut(BaseModel):
    """What became of the cookies of a file."""

    items: list[SiteCookiesOut]
    """What is kept now for the sites that were taken."""
    rejected: list[RejectedCookieOut]
    expired: int
    """Left out because they had expired."""
    other_sites: int
    """Left out because they are of other sites."""
    has_storage: bool
    """The file holds local storage too, which is not taken."""

    @classmethod
    def of(cls, done: CookieImport) -> Self:
        """Built from linkshot.json_shapes."""
        return cls.model_validate(json_shapes.cookie_import(done))
