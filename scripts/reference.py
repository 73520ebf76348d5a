"""Writes the pages of docs/reference that the code itself knows: commands, settings, errors, paths, gates, metrics.

`python scripts/reference.py` rewrites them, `--check` only says whether they are up to date (exit code 1 when not).
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.errors import MillwrightError

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MARKUP = re.compile(r"\[/?(?:bold|dim|italic|cyan|green|red|blue|yellow|magenta)\]")

WARNING = "<!-- Written by scripts/reference.py from the code; change it there. -->"

CLI_INTRODUCTION = f"""# Command line

{WARNING}

`mw` and `millwright` are the same command. Any command takes `--debug` for the traceback of an error, and exits with 0
when it did what was asked, 1 when it could not, 2 when it was called wrongly.
"""

SETTINGS_INTRODUCTION = f"""# Settings

{WARNING}

A workspace reads its settings from `millwright.toml`, or from `[tool.millwright]` in `pyproject.toml`. Later ones win:
defaults, the file, the profile's table (`[profile.NAME]`, chosen with `--profile` or `MILLWRIGHT_PROFILE`), environment
variables, the command line. An unknown key is an error that names the nearest known one.

Without `--workspace` (or `MILLWRIGHT_HOME`), the workspace is the nearest folder upwards with such a file or a
`.millwright`. With it, the first of these files counts: that in the workspace's own folder, that in its parent
folder, that of the folder `MILLWRIGHT_PROJECT`, that nearest to the current folder upwards. A file beside another
workspace's `.millwright` belongs to that one and is never read. `mw -w project/.millwright` means the workspace
`project`.

| setting | default | environment variable | meaning |
|---|---|---|---|
"""

ERRORS_INTRODUCTION = f"""# Errors

{WARNING}

Whatever goes wrong for a reason that a user can mend has a stable code. The command line prints one line (with `--json`
the object below) and exits with 1; HTTP servers answer with the object.

```json
{{"error": {{"code": "not_found", "message": "expected and found", "hint": "what to do next", "details": {{}}}}}}
```

| code | HTTP status | meaning |
|---|---|---|
"""

HTTP_INTRODUCTION = f"""# HTTP

{WARNING}

## `mw serve`

`mw serve` answers the contracts of several protocols on one port. A prediction has an id, by which `mw why` finds it
and labels come back. Errors have [one shape](errors.md).

| path | method | what it does |
|---|---|---|
"""

CONTROL_INTRODUCTION = """
## `mw server`

Records as JSON and as pages, read only but for the caller's own tokens, runs in the queue, and alerts
([guide](../guides/server.md)). A list takes `limit`, 1 to 1000. The API is described in OpenAPI 3.1 at `/openapi.json`.

| path | kind | what it does |
|---|---|---|
"""

METRICS_INTRODUCTION = f"""# Metrics of monitoring

{WARNING}

`mw server` tells Prometheus at `/metrics` what monitoring found
([guide](../guides/monitor.md#prometheus-and-grafana)). All are gauges. Those of a report are of the newest report of
each monitor that the project file declares for an endpoint, with the labels `endpoint` and `monitor` before their
own; what was checked by hand has no monitor, and is told while it is the newest. When a monitor is removed, switched
off or turned to another endpoint, its series are gone with the next scrape that follows the worker's look at the
project file. Shares (`_ratio`) are from 0 to 1, times in seconds; what a report does not tell has no series.

Of each metric and report at most {{most}} series are told. Which come first is said of each family below; the rest is
left out, and counted in `{{left_out}}`. Labels longer than {{letters}} letters are cut.
"""

GATES_INTRODUCTION = f"""# Gates

{WARNING}

What `gates.yaml` may ask for, beside the gates that installed packages add under the entry point group
`millwright.gates`. A setting without a default must be given.
"""


def cli_page() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    import typer

    from millwright.cli.main import app

    parts = [CLI_INTRODUCTION]
    for path, command in commands(typer.main.get_command(app), "mw"):
        parts.append(f"\n## `{path}`\n\n{plain(command.help or '')}\n")
        rows = [row for parameter in command.params if (row := parameter_row(parameter))]
        if rows:
            parts.append("\n| word | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n")
        if path == "mw" and command.epilog:
            parts.append(f"\n{plain(command.epilog)}\n")
    return "".join(parts)


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each command that is not hidden with the words that call it, groups before what is in them."""
    if command.hidden:
        return
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")


def parameter_row(parameter: Any) -> str:
    """One row of a command's table; empty for what every command has or nobody should see."""
    if getattr(parameter, "hidden", False) or parameter.name in {"help", "install_completion", "show_completion"}:
        return ""
    is_option = parameter.param_type_name == "option"
    name = ", ".join(f"`{word}`" for word in (*parameter.opts, *parameter.secondary_opts)) if is_option else ""
    name = name or f"`{(parameter.metavar or parameter.name).upper()}`"
    default = parameter.default
    flag = getattr(parameter, "is_flag", False)
    shown = "required" if parameter.required else "" if flag or default in {None, "", ()} else f"`{default}`"
    variable = f" Also from `{parameter.envvar}`." if parameter.envvar else ""
    return f"| {name} | {cell(shown)} | {cell(plain(getattr(parameter, 'help', '') or '') + variable)} |"


def settings_page() -> str:
    """Every setting with its default and its environment variable."""
    from millwright.workspace.settings import known_keys

    parts = [SETTINGS_INTRODUCTION]
    for key, (default, description) in known_keys().items():
        variable = f"MILLWRIGHT_{key.upper().replace('.', '__')}"
        shown = "" if default in {"''", "None"} else f"`{default}`"
        parts.append(f"| `{key}` | {shown} | `{variable}` | {cell(description)} |\n")
    return "".join(parts)


def errors_page() -> str:
    """Every error code with its HTTP status and meaning."""
    parts = [ERRORS_INTRODUCTION]
    for error in sorted(error_classes(), key=lambda kind: kind.code):
        meaning = (error.__doc__ or "").strip().splitlines()[0]
        parts.append(f"| `{error.code}` | {error.http_status} | {cell(meaning)} |\n")
    return "".join(parts)


def error_classes() -> list[type[MillwrightError]]:
    """All error classes, the base included; they live in one module."""
    from millwright.core import errors

    kinds = (value for value in vars(errors).values() if isinstance(value, type))
    return [kind for kind in kinds if issubclass(kind, errors.MillwrightError)]


def http_page() -> str:
    """Every path of the real-time server."""
    from millwright.deployment.realtime.protocol import all_routes
    from millwright.deployment.realtime.route import RouteOptions

    rows = [
        f"| `{route.path}` | {', '.join(sorted(route.handlers))} | {cell(route.about)} |\n"
        for route in all_routes(RouteOptions())
    ]
    return HTTP_INTRODUCTION + "".join(rows) + CONTROL_INTRODUCTION + "".join(control_rows())


def control_rows() -> Iterator[str]:
    """Every path of the control plane: the API as its description has it, then the pages."""
    from millwright.server.pages import page_handlers
    from millwright.server.site import build_litestar

    app = build_litestar()
    for path, operations in sorted((app.openapi_schema.paths or {}).items()):
        for method in ("get", "post", "delete"):
            operation = getattr(operations, method)
            if operation is not None:
                kind = "JSON" if method == "get" else f"JSON, {method.upper()}"
                yield f"| `{path}` | {kind} | {cell(operation.description or '')} |\n"
    pages = {path: handler for handler in page_handlers() for path in handler.paths}
    for path, handler in sorted(pages.items()):
        about = (handler.fn.__doc__ or "").strip().splitlines()[0]
        kind = "page, POST" if "POST" in handler.http_methods else "page"
        yield f"| `{re.sub(r':[a-z]+}', '}', path)}` | {kind} | {cell(about)} |\n"


def gates_page() -> str:
    """Every built-in gate with its settings."""
    from dataclasses import MISSING, fields, is_dataclass

    from millwright.evaluation.gates.catalog import BUILT_IN, gate_type

    parts = [GATES_INTRODUCTION]
    for name in BUILT_IN:
        kind = gate_type(name)
        meanings = attribute_docs(kind.__doc__ or "")
        parts.append(f"\n## `{name}`\n\n{kind.about}\n")
        rows = [
            f"| `{field.name}` | {'' if field.default is MISSING else f'`{field.default}`'} "
            f"| {cell(meanings.get(field.name, ''))} |\n"
            for field in (fields(kind) if is_dataclass(kind) else ())
        ]
        if rows:
            parts.append("\n| setting | default | meaning |\n|---|---|---|\n" + "".join(rows))
    return "".join(parts)


def metrics_page() -> str:
    """Every metric of monitoring, by family."""
    from millwright.monitoring.exposition.bound import LEFT_OUT, LETTERS, MOST
    from millwright.monitoring.exposition.catalog import ALERTS, FAMILIES, LAG
    from millwright.monitoring.exposition.metric import OF_REPORT

    parts = [METRICS_INTRODUCTION.format(most=MOST, letters=LETTERS, left_out=LEFT_OUT)]
    head = "\n| metric | labels | meaning |\n|---|---|---|\n"
    for family in FAMILIES:
        rows = [
            f"| `{metric}` | {', '.join(metric.labels[len(OF_REPORT) :])} | {cell(metric.about)} |\n"
            for metric in family.metrics
        ]
        parts.append(f"\n## {family.name.capitalize()}\n\n{family.about}\n{head}{''.join(rows)}")
    rows = [f"| `{each}` | {', '.join(each.labels)} | {cell(each.about)} |\n" for each in (LEFT_OUT, LAG, ALERTS)]
    parts.append(f"\n## Of endpoints, and of the series themselves\n\nWith all of their labels.\n{head}{''.join(rows)}")
    return "".join(parts)


def attribute_docs(docstring: str) -> dict[str, str]:
    """The `Attributes:` section of a Google docstring: name → text in one line."""
    section = inspect.cleandoc(docstring).partition("Attributes:\n")[2].partition("\n\n")[0]
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if started := re.match(r"    (\w+): (.*)", line):
            name = started[1]
            found[name] = started[2]
        elif name:
            found[name] += f" {line.strip()}"
    return found


def plain(text: str) -> str:
    """Text without terminal markup, its paragraphs unwrapped."""
    paragraphs = MARKUP.sub("", text).replace("\\[", "[").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def cell(text: str) -> str:
    """Text that fits into a Markdown table's cell."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


PAGES = {
    "cli.md": cli_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "http.md": http_page,
    "gates.md": gates_page,
    "metrics.md": metrics_page,
}


def main() -> int:
    """Rewrite the pages, or check them."""
    check = "--check" in sys.argv[1:]
    outdated = []
    for name, render in PAGES.items():
        path = FOLDER / name
        text = render()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            outdated.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if check and outdated:
        sys.stderr.write(f"docs/reference is behind the code: {', '.join(outdated)}. Run: make reference\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
