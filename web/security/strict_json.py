"""Strict JSON parsing: UTF-8 only, no duplicate names, no NaN, limited depth (RFC 8259).

Lenient parsers disagree on these inputs, which lets a proxy and the application see different bodies.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from linkshot.errors import InvalidInput
from web import problem_details

MAX_DEPTH = 32


class StrictRoute(APIRoute):
    """A route whose body is read by parse_json() instead of the lenient json.loads."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, given a request that reads strictly."""
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await usual(_StrictRequest(request.scope, request.receive))
            except InvalidJSON as refused:
                return problem_details.from_error(refused.error)

        return handler


class InvalidJSON(HTTPException):
    """An HTTPException, because the framework swallows any other error while it reads a body."""

    def __init__(self, error: InvalidInput) -> None:
        super().__init__(400, error.message)
        self.error = error


class _StrictRequest(Request):
    async def json(self) -> Any:
        body = await self.body()
        try:
            return parse_json(body)
        except InvalidInput as error:
            raise InvalidJSON(error) from error


def parse_json(body: bytes) -> object:
    """The value; InvalidInput `json.invalid` or `json.invalid_unicode` (both answered with 400)."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_reject_constant, object_pairs_hook=_unique_object)
    except UnicodeDecodeError:
        raise _invalid("The body is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise _invalid(f"The body is not JSON: {str(error)[:120]}.") from None
    _check(value, 0)
    return value


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _invalid("The body is nested too deep.")
    if isinstance(value, dict):
        for name, item in value.items():
            _check(name, depth + 1)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, str):
        # JSON may escape half a pair (RFC 8259 §8.2); no database takes it
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _invalid(
                "The body holds half a surrogate pair.", "json.invalid_unicode"
            ) from None


def _invalid(message: str, code: str = "json.invalid") -> InvalidInput:
    return InvalidInput(message, code=code, field="body")
