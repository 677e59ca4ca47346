"""Commands for the cookies with which sites are visited: cookies import, ls, rm, key."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.context import ItemsFailed, cli_context
from linkshot.cli.printing import print_table, printable

if TYPE_CHECKING:
    from linkshot.use_cases.site_cookies import CookieImport, SiteEntry

Context = typer.Context
NAMED = 8
"""Cookies whose names stand on one line."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    cookies = typer.Typer(
        help="Visit sites with cookies of your browser, to see what you see.", no_args_is_help=True
    )
    cookies.command("import")(import_)
    cookies.command("ls")(ls)
    cookies.command("rm")(rm)
    cookies.command("key")(key)
    app.add_typer(cookies, name="cookies")


def import_(
    context: Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A cookies.txt, or JSON of an extension; - is stdin."),
    ],
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="SITE", help="Take those of this site only; repeatable."),
    ] = None,
) -> None:
    """Keep the cookies of a site, sealed, and visit its pages with them from now on."""
    from linkshot import json_shapes
    from linkshot.use_cases import site_cookies

    cli = cli_context(context)
    data = _read(file)
    with cli.open_app() as app:
        done = site_cookies.import_file(app, data, site or ())
    if cli.json:
        cli.print_json(json_shapes.cookie_import(done))
    else:
        for line in _report(done):
            typer.echo(line)
    if done.rejected:
        # the others are kept, so the exit status says "some"
        raise ItemsFailed(len(done.rejected), len(done.rejected) + len(done.sites))


def _read(file: Path) -> bytes:
    """The file, one byte more than is taken at most."""
    from linkshot.importers.cookie_file import MAX_BYTES

    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with file.open("rb") as source:
        return source.read(MAX_BYTES + 1)


def _report(done: "CookieImport") -> Iterator[str]:
    from linkshot.domain.error_texts import ERROR_MESSAGES

    for one in done.sites:
        yield f"{one.site}: {len(one.cookies)} cookies ({_names(one)}), {_expiry(one)}"
    for row in done.rejected:
        yield f"line {row.line} not taken: {ERROR_MESSAGES[row.code]} [{row.code}]"
    if done.expired:
        yield f"{done.expired} had expired already and were left out"
    if done.other_sites:
        yield f"{done.other_sites} of other sites were left out"
    if done.has_storage:
        yield "the file also holds local storage, which is not taken"


def ls(context: Context) -> None:
    """For which sites cookies are kept: their names and when they expire, never their values."""
    from linkshot import json_shapes
    from linkshot.use_cases import site_cookies

    cli = cli_context(context)
    with cli.open_app() as app:
        found = site_cookies.list_sites(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.site_cookies(one) for one in found]})
        return
    print_table(
        ("site", "cookies", "expiry", "imported", "names"),
        (
            (
                one.site,
                str(len(one.cookies)),
                _expiry(one),
                f"{one.imported_at:%Y-%m-%d}",
                _names(one),
            )
            for one in found
        ),
    )


def rm(
    context: Context,
    site: Annotated[str, typer.Argument(metavar="SITE", help="As `cookies ls` shows it.")],
) -> None:
    """Delete the cookies of a site; its pages are visited without any from now on."""
    from linkshot.use_cases import site_cookies

    cli = cli_context(context)
    with cli.open_app() as app:
        site_cookies.remove(app, site)
    if cli.json:
        cli.print_json({"site": site})
    else:
        typer.echo(f"the cookies of {printable(site)} are deleted")


def key(context: Context) -> None:
    """Make a pair of keys, for workers on other machines: the private one opens cookies, the public one seals them."""
    from linkshot.domain import cookie_sealing

    cli = cli_context(context)
    made = cookie_sealing.new_key()
    private, public = cookie_sealing.key_text(made), cookie_sealing.key_text(made.public_key())
    if cli.json:
        cli.print_json({"cookie_key": private, "cookie_public_key": public})
    else:
        typer.echo(f"LINKSHOT_COOKIE_KEY={private}\nLINKSHOT_COOKIE_PUBLIC_KEY={public}")


def _names(one: "SiteEntry") -> str:
    names = [printable(cookie.name) for cookie in one.cookies]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _expiry(one: "SiteEntry") -> str:
    """Whether they can be used, and for how long."""
    if one.opens is False:
        return "sealed for another key: import them again"
    expired = f"{one.expired} expired" if one.expired else ""
    until = f"the next expires {one.expires_at:%Y-%m-%d}" if one.expires_at else ""
    return ", ".join(filter(None, (expired, until))) or "without an expiry date"
