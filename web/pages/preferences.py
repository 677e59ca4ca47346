"""Form that stores language and theme in cookies."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from web.pages.rendering import redirect
from web.reader_preferences import LANGUAGE, THEME, THEMES, YEAR_S, is_language

router = APIRouter()


@router.post("/preferences")
def keep(
    lang: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Remember what was chosen and go back."""
    answer = redirect(next)
    for name, value, known in (
        (LANGUAGE, lang, is_language(lang)),
        (THEME, theme, theme in THEMES),
    ):
        if known:
            answer.set_cookie(name, value, max_age=YEAR_S, httponly=True, samesite="lax")
    return answer
