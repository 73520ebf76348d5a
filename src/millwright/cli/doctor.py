"""`mw doctor`: is this machine and workspace fit."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from millwright.workspace.workspace import Workspace

_LIBRARIES = (
    ("polars", "", "tables"), ("deltalake", "", "dataset versions"), ("scikit-learn", "sklearn", "training"),
    ("optuna", "sklearn", "tuning"), ("skops", "sklearn", "safe model files"), ("skl2onnx", "sklearn", "compilation"),
    ("onnxruntime", "sklearn", "fast predictions"), ("plotly", "sklearn", "plots"), ("uvicorn", "serve", "serving"),
    ("prometheus-client", "serve", "metrics"), ("litestar", "server", "pages and API"),
    ("psycopg", "postgres", "PostgreSQL"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(*, as_json: AsJson = False) -> None:
    """Check the interpreter, the libraries, the workspace's stores, and what its project file declares."""
    workspace, out = start(as_json=as_json)
    with workspace:
        checks = [_python(), *(_library(*entry) for entry in _LIBRARIES), *_stores(workspace), *_monitors(workspace)]
    for check in checks:
        mark = ("✓", "green") if check["ok"] else ("✗", "red")
        out.line(mark, f" {check['name']:<18} {check['found']}")
    out.json({"ok": all(check["ok"] for check in checks), "checks": checks})
    if not all(check["ok"] for check in checks if check["needed"]):
        raise typer.Exit(1)


def _python() -> dict[str, Any]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return {"name": "python", "ok": sys.version_info >= (3, 11), "needed": True, "found": found}


def _library(name: str, extra: str, purpose: str) -> dict[str, Any]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {"name": name, "ok": True, "needed": not extra, "found": f"{version(name)} ({purpose})"}
    except PackageNotFoundError:
        found = f"missing ({purpose}): pip install 'millwright[{extra}]'"
        return {"name": name, "ok": False, "needed": not extra, "found": found}


def _stores(workspace: Workspace) -> list[dict[str, Any]]:
    try:
        models = len(workspace.stores.models.list_models())
    except MillwrightError as error:
        return [{"name": "stores", "ok": False, "needed": True, "found": str(error)}]
    found = f"{workspace.folder} ({models} registered model{'s' * (models != 1)})"
    return [{"name": "stores", "ok": True, "needed": True, "found": found}]


def _monitors(workspace: Workspace) -> list[dict[str, Any]]:
    """Declared monitors, and whether they can do what they are to do; nothing without any."""
    from millwright.workspace.closed_loop import check_monitors

    if not workspace.settings.monitors:
        return []
    try:
        check_monitors(workspace)
    except MillwrightError as error:
        return [{"name": "monitors", "ok": False, "needed": True, "found": str(error)}]
    count = len(workspace.settings.monitors)
    return [{"name": "monitors", "ok": True, "needed": True, "found": f"{count} declared"}]
