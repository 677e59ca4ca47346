"""The preferences of a request: language, theme, view, and the flash message of the page before.

They come from the query, cookies, the settings and the Accept-Language header.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from linkshot.app import App
from web.deps import app_of
from web.language import LANGUAGES, Translator, negotiate, translator

THEMES = ("auto", "light", "dark")
VIEWS = ("rows", "pictures")
YEAR_S = 365 * 24 * 3600
LANGUAGE, THEME, VIEW, FLASH = "linkshot_lang", "linkshot_theme", "linkshot_view", "linkshot_flash"
"""Cookies; none of them is a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a request says about its preferences."""

    language: str
    theme: str
    view: str
    flash: str
    """Flash message: `removed:<ids>`; empty when there is none."""

    @property
    def translator(self) -> Translator:
        """Translates into `language`."""
        return translator(self.language)


async def preferences(request: Request) -> Preferences:
    """FastAPI dependency: the preferences of this request."""
    return preferences_of(request, await app_of(request))


def preferences_of(request: Request, app: App) -> Preferences:
    """Reads `?lang=`, then cookies, then the setting, then Accept-Language; the first usable value wins."""
    cookies = request.cookies
    language = negotiate(
        request.query_params.get("lang"),
        cookies.get(LANGUAGE),
        app.settings.language,
        request.headers.get("accept-language", ""),
    )
    return Preferences(
        language=language,
        theme=_one_of(THEMES, cookies.get(THEME)),
        view=_one_of(VIEWS, request.query_params.get("view"), cookies.get(VIEW)),
        flash=cookies.get(FLASH, "")[:2000],
    )


PreferencesDep = Annotated[Preferences, Depends(preferences)]


def _one_of(known: tuple[str, ...], *choices: str | None) -> str:
    return next((choice for choice in choices if choice in known), known[0])


def is_language(tag: str) -> bool:
    """Whether there are translations for this language tag."""
    return tag in LANGUAGES
