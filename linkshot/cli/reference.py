"""Generates docs/cli.md and docs/configuration.md: `python -m linkshot.cli.reference docs`."""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from linkshot.cli import reference_shapes
from linkshot.cli.examples import EXAMPLES
from linkshot.cli.exit_status import EXIT_CODES, ROLE_EXIT_CODES
from linkshot.cli.main import app
from linkshot.domain.visit_stage import Stage
from linkshot.system.command_line import ROLES
from linkshot.system.config import SETTINGS, Settings
from linkshot.system.setting_types import limits

GENERATED = (
    "<!-- Made by `python -m linkshot.cli.reference docs`; a test checks that it is current. -->"
)

CLI_HEAD = """
# The command line

`linkshot COMMAND …`. Results go to stdout, progress and logs to stderr. A flag wins over the
environment, the environment over the config file ([settings](configuration.md)). A LINK is an id,
the beginning of an id (six characters or more, when only one link begins so) or an address.

On a terminal there are colours (not with `NO_COLOR`) and columns; in a pipe columns are separated
by tabs, without a heading. Words that begin with `-` stand after `--`:
`linkshot search -- -#done 快照`.
"""

JSON_PART = """
## For programs

`--json` prints one JSON value on stdout; `--jsonl` of `list`, `search` and `import` prints one
object a line. What a route of the [REST API](api.md) returns has the same shape here; these names stay.
Null stands for what there is none of or is not known; a noun's name inside a shape for its fields.

| noun | shape |
|---|---|
{nouns}

| command | prints |
|---|---|
{commands}
| `upload` | as `add`; in the item also `snapshot_id` of the snapshot that the file becomes, and `repeated`: the same file is there already |
| `cookies rm` | `{{"site"}}` |
| `cookies key` | `{{"cookie_key", "cookie_public_key"}}` |
| `import` of several files | `{{"items": […]}}` |
| `render` | `{{"items": [{{"link_id", "role", "snapshot_id", "artifacts", "made_at", "archive_sha256", "missing", "cut_at", "software", "options"}}]}}`; of one that could not be made `link_id`, `role` and `failed` |
| `verify` | `{{"ok", "counts", "findings": [{{"check", "code", "subject", "link_id", "detail"}}]}}`; with `--deep` also `"signing_keys"`, the SHA-256 of each public key that has signed a snapshot; with `--replay` also `"replays": [{{"snapshot_id", "link_id", "url", "taken_at", "status", "reasons", "not_judged", "page", "archive"}}]`. `status`: `passed`, `below`, `partly_checked`, `not_checked` or `not_replayable`; `not_judged`: `page` and `archive`, where the check says nothing about them, with the reason (`time`, `crash`, `browser`, `moving`). `page` and `archive`: null or `{{"pixels", "text", "missing", "leaks", "failed"}}`, shares from 0 to 1 |
| an error | on stderr: `{{"error": {{"code", "message", "field"}}}}`; without `--json` one line: `error: what happened [code]` |

* `provenance` of `show` is that of the snapshot that is shown, null when there is none or the store does not
  answer; REST has it as `GET /api/v1/snapshots/{{snapshot_id}}/provenance`. [What it proves](provenance.md).
* `last` of a link is its newest visit, null until one has ended; `snapshot` the one that is shown: the
  last that brought the page.
* `problem` of a visit is null when the page itself came, else a code like `http_404`: what was kept
  then is the site's error page.
* `progress` is null unless a visit is due or sent. `waiting_for_host`: one page of a site is visited
  at a time; `waiting_for_worker` and `waiting_for_dispatch`: none is running. Stages:
  {stages}.
* `incomplete` of `list` and `search`: links may be missing, because so many are `unvisited`, so many
  changes `unindexed` (counted up to 100,000), the texts of so many links `unreadable` in the store, or
  the search index is being made again.
* `not_running` names the roles (`dispatch`, `crawl`, `index`) that nobody does while something waits for
  them. Of those `sent` so many are `visiting`.

Roles of artifacts: `text` `reader` `html` `screenshot` `thumbnail` `meta` `icon`
`wacz` `original` `mhtml` `pdf` `mobile` `warc`. Outcomes: `stored` `unchanged` `failed` `deferred`.
Times are RFC 3339 in UTC.
"""

SETTINGS_HEAD = """
# Settings

Each setting can be given three ways; the first one that is there wins:

1. some as a flag: `--data`, `--host`, `--port`, `--base-path`;
2. as an environment variable: the name in capitals behind `LINKSHOT_`, such as `LINKSHOT_PAGE_SLOTS=4`;
3. in a TOML file named with `--config FILE`: `page_slots = 4`.

Lists are comma separated in the environment. An unknown name in the file or a value that cannot work
ends the start with one line that names it. `linkshot config show` prints what is in effect, secrets
masked. Sizes are bytes, times are seconds.

```console
$ LINKSHOT_PAGE_SLOTS=4 linkshot config show | grep slots
page_slots = 4
```
"""


def cli_page() -> str:
    """docs/cli.md."""
    root: Any = typer.main.get_command(app)
    parts = [GENERATED, CLI_HEAD, "## Options of every command\n", "They may stand anywhere.\n"]
    parts += [_options(root), "\n## Exit codes\n", "| code | meaning |\n|---|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    roles = ", ".join(f"`{name}`" for name in sorted(ROLES))
    parts += [f"\nOf the commands that work until they are told to end ({roles}):\n"]
    parts += ["| code | meaning |\n|---|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in ROLE_EXIT_CODES.items()]
    parts += [json_part(), "## Commands\n"]
    parts += [_section(name, command) for name, command in commands(root)]
    return "\n".join(parts).rstrip() + "\n"


def json_part() -> str:
    """What `--json` prints."""
    return JSON_PART.format(
        nouns="\n".join(reference_shapes.noun_rows()),
        commands="\n".join(reference_shapes.command_rows()),
        stages=", ".join(f"`{stage.value}`" for stage in Stage),
    )


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """(full name, command) of all commands, in the order of the help."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _section(name: str, command: Any) -> str:
    words = [_spelt(p) for p in command.params if _is_argument(p) or p.required]
    usage = " ".join(["linkshot", name, *words])
    sentence = " ".join(inspect.cleandoc(command.help or "").split())
    if name == "run":
        sentence += " This is what `make run` does."
    lines = [f"### {name}\n", f"`{usage}`\n", sentence, "", _options(command)]
    typed, said = EXAMPLES[name]
    lines += ["```console", f"$ {typed}", *said.splitlines(), "```\n"]
    return "\n".join(line for line in lines if line is not None)


def _options(command: Any) -> str:
    """A table of arguments and options; the help option is everywhere and left out."""
    rows = []
    for param in command.params:
        if param.name == "help":
            continue
        given = param.default
        shown = isinstance(given, str | int) and not isinstance(given, bool) and given != ""
        default = f" (default: {given})" if shown else ""
        # a bar would end the cell (GitHub Flavored Markdown 4.10)
        meaning = (param.help or "").replace("|", "\\|")
        rows.append(f"| `{_spelt(param)}` | {meaning}{default} |")
    return "\n".join(["| word | meaning |", "|---|---|", *rows, ""]) if rows else ""


def _spelt(param: Any) -> str:
    if _is_argument(param):
        return str(param.metavar or param.name.upper())
    names = ", ".join([*param.opts, *param.secondary_opts])
    return names if param.is_flag else f"{names} {param.metavar or 'VALUE'}"


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def settings_page() -> str:
    """docs/configuration.md."""
    said = sentences()
    rows = []
    for name, setting in SETTINGS.items():
        default = "" if setting.default in ("", ()) else f"`{_shown(setting.default)}`"
        if name == "data":  # the default depends on who generates the page
            default = "`~/.local/share/linkshot`"
        bounds = ", ".join(f"{word} {_shown(limit)}" for word, limit in limits(setting))
        rows.append(f"| `{name}` | {default} | {said[name]}{f' ({bounds})' if bounds else ''} |")
    table = ["| setting | default | meaning |", "|---|---|---|", *rows]
    return "\n".join([GENERATED, SETTINGS_HEAD, *table]) + "\n"


def sentences() -> dict[str, str]:
    """Setting → its sentence: the docstring under the field."""
    body = ast.parse(inspect.getsource(Settings)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            name, text = ast.unparse(field.target), ast.literal_eval(below.value)
            found[name] = text.replace("|", "\\|")
    return found


def _shown(value: object) -> str:
    """As it is written in TOML and in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:_}" if value >= 10_000 else f"{value:g}"
    return str(value)


def main(folder: Path) -> None:
    """Write both pages."""
    (folder / "cli.md").write_text(cli_page(), "utf-8")
    (folder / "configuration.md").write_text(settings_page(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
