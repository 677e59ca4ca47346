"""Commands for rules of sites: site ls, show, set, rm."""

from typing import TYPE_CHECKING, Annotated

import typer

from linkshot.cli.context import cli_context
from linkshot.cli.printing import print_table, printable

if TYPE_CHECKING:
    from linkshot.domain.site_rules import SiteRule
    from linkshot.use_cases.sites import ChangedRule

Context = typer.Context
Site = Annotated[
    str,
    typer.Argument(
        metavar="SITE", help="A host like example.com, or a path below it: example.com/forum."
    ),
]
NAMES = {
    "snapshot": "snapshot",
    "delay_s": "delay",
    "user_agent": "user agent",
    "consent": "consent",
    "viewport": "viewport",
    "robots": "robots.txt",
}
"""Field of a rule → its name on a terminal."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    site = typer.Typer(
        help="Rules for sites: how their pages are visited, or not at all.", no_args_is_help=True
    )
    site.command("ls")(ls)
    site.command("show")(show)
    site.command("set")(set_)
    site.command("rm")(remove)
    app.add_typer(site, name="site")


def ls(context: Context) -> None:
    """All rules."""
    from linkshot import json_shapes
    from linkshot.use_cases import sites

    cli = cli_context(context)
    with cli.open_app() as app:
        found = sites.list_rules(app)
    if cli.json:
        cli.print_json({"items": [json_shapes.site_rule(one) for one in found]})
        return
    print_table(("site", *NAMES.values()), ((one.site, *_said(one).values()) for one in found))


def show(
    context: Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="A site, or the address of a page.")
    ],
) -> None:
    """What the rules say about a site or a page, and which of them says it."""
    from linkshot import json_shapes
    from linkshot.use_cases import sites

    cli = cli_context(context)
    with cli.open_app() as app:
        found = sites.view(app, address)
    if cli.json:
        cli.print_json(json_shapes.site_view(found))
        return
    typer.echo(printable(found.url))
    for name, one in found.in_force.items():
        typer.echo(f"  {NAMES[name]:<11}{_text(one.value)}  (rule for {one.site})")
    if not found.in_force:
        typer.echo("  no rule; as the settings say")


def set_(
    context: Context,
    site: Site,
    snapshot: Annotated[
        str | None,
        typer.Option(metavar="yes|no", help="no = links are kept without a visit."),
    ] = None,
    delay: Annotated[
        str | None,
        typer.Option(metavar="SECONDS", help="Least pause of the host after a visit, up to 600."),
    ] = None,
    user_agent: Annotated[
        str | None, typer.Option(metavar="TEXT", help="User-Agent of visits.")
    ] = None,
    consent: Annotated[
        str | None,
        typer.Option(
            metavar="reject|hide|leave", help="What is done about boxes that ask for consent."
        ),
    ] = None,
    viewport: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the window, like 390x844.")
    ] = None,
    robots: Annotated[
        str | None,
        typer.Option(metavar="obey|ignore", help="Whether robots.txt is obeyed, whoever asks."),
    ] = None,
) -> None:
    """Set what is given of a site's rule; the word default takes it out again."""
    from linkshot.domain.site_rule_input import values_of_texts
    from linkshot.use_cases import sites

    cli = cli_context(context)
    typed = {
        "snapshot": snapshot,
        "delay_s": delay,
        "user_agent": user_agent,
        "consent": consent,
        "viewport": viewport,
        "robots": robots,
    }
    given = {name: text for name, text in typed.items() if text is not None}
    with cli.open_app() as app:
        changed = sites.change(app, site, values_of_texts(given))
    if cli.json:
        from linkshot import json_shapes

        cli.print_json(json_shapes.changed_site_rule(changed))
        return
    said = ", ".join(f"{NAMES[name]} {text}" for name, text in _said(changed.rule).items() if text)
    typer.echo(f"{changed.rule.site}: {said}")
    _print_consequences(changed)


def remove(context: Context, site: Site) -> None:
    """Remove a site's rule; what broader rules and the settings say holds again."""
    from linkshot import json_shapes
    from linkshot.use_cases import sites

    cli = cli_context(context)
    with cli.open_app() as app:
        changed = sites.remove(app, site)
    if cli.json:
        cli.print_json(json_shapes.changed_site_rule(changed))
        return
    typer.echo(f"{changed.rule.site} has no rule any more")
    _print_consequences(changed)


def _print_consequences(changed: "ChangedRule") -> None:
    if changed.cancelled:
        typer.echo(f"  {changed.cancelled} waiting visits are not made")
    if changed.due:
        typer.echo(f"  {changed.due} links without a snapshot will be visited")


def _said(rule: "SiteRule") -> dict[str, str]:
    """Field → its value as it is typed; empty where the rule says nothing."""
    return {name: _text(getattr(rule, name)) for name in NAMES}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
    return printable(str(value))
