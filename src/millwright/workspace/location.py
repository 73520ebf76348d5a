"""Where a workspace is, and where its stores are by default."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.workspace.settings import FILE_NAME

if TYPE_CHECKING:
    from millwright.workspace.settings import Settings

DATA_FOLDER = ".millwright"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreUrls:
    """Where everything is kept."""

    records: str
    artifacts: str
    datasets: str
    predictions: str
    online: str


def find_workspace(start: Path | None = None) -> Path:
    """The workspace's folder: MILLWRIGHT_HOME, else the nearest folder upwards with a project file or `.millwright`.

    Args:
        start: Where to look from; the current folder when None.

    Returns:
        `start` itself when nothing is found: a workspace begins there.

    Raises:
        NotFoundError: MILLWRIGHT_HOME names a folder that does not exist.
    """
    named = os.environ.get("MILLWRIGHT_HOME")
    if named:
        folder = Path(named).expanduser().resolve()
        if not folder.is_dir():
            raise NotFoundError(
                f"The workspace folder {folder} does not exist.", hint="Create it, or name another with --workspace."
            )
        return folder
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file() or (folder / DATA_FOLDER).is_dir() or _names_us(folder / "pyproject.toml"):
            return folder
    return here


def _names_us(pyproject: Path) -> bool:
    return pyproject.is_file() and "[tool.millwright" in pyproject.read_text(encoding="utf-8", errors="replace")


def store_urls(folder: Path, settings: Settings) -> StoreUrls:
    """The settings' URLs, or the defaults inside the workspace's folder."""
    data = folder / DATA_FOLDER
    return StoreUrls(
        records=settings.store or f"sqlite:///{data / 'millwright.db'}",
        artifacts=settings.artifacts or str(data / "artifacts"),
        datasets=settings.datasets or str(data / "datasets"),
        predictions=settings.predictions or str(data / "predictions"),
        online=settings.online or str(data / "online"),
    )


def actor_name(settings: Settings) -> str:
    """Who acts: the setting, else the operating system's user."""
    if settings.actor:
        return settings.actor
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user entry
        return f"uid-{os.getuid()}"
