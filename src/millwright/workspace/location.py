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
RECORDS_FILE = "millwright.db"


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

    Where MILLWRIGHT_HOME names a workspace's `.millwright`, that workspace is meant.

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
        return folder.parent if _is_data(folder) else folder
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if has_project_file(folder) or (folder / DATA_FOLDER).is_dir():
            return folder
    return here


def find_project(folder: Path) -> Path:
    """The folder with the project file of a workspace.

    A file in the workspace's own folder wins, then one in its parent folder. The last is asked only for the workspace
    that MILLWRIGHT_HOME (or `--workspace`) names: that of MILLWRIGHT_PROJECT, else the nearest from the current folder
    upwards. A file beside another workspace's `.millwright` is that workspace's, and never taken.

    Args:
        folder: The workspace's folder.

    Returns:
        `folder` itself when there is no such file.

    Raises:
        NotFoundError: MILLWRIGHT_PROJECT is asked, and names a folder without a project file.
    """
    if has_project_file(folder):
        return folder
    if has_project_file(folder.parent) and not _is_anothers(folder.parent, folder):
        return folder.parent
    if not os.environ.get("MILLWRIGHT_HOME") or find_workspace() != folder:
        return folder
    named = os.environ.get("MILLWRIGHT_PROJECT")
    if named:
        project = Path(named).expanduser().resolve()
        if not has_project_file(project):
            raise NotFoundError(
                f"MILLWRIGHT_PROJECT names {project}, where no {FILE_NAME} is.", hint="Correct it, or unset it."
            )
        return project
    here = Path.cwd()
    nearest = next((each for each in (here, *here.parents) if has_project_file(each)), None)
    return folder if nearest is None or _is_anothers(nearest, folder) else nearest


def name_workspace(text: str) -> None:
    """Let this process, and all that it starts in whichever folder, use a workspace by the name it was given here."""
    folder = Path(text).expanduser().absolute()
    os.environ["MILLWRIGHT_HOME"] = str(folder)
    if folder.is_dir() and "MILLWRIGHT_PROJECT" not in os.environ:
        project = find_project(find_workspace())
        if project not in {find_workspace(), find_workspace().parent}:
            os.environ["MILLWRIGHT_PROJECT"] = str(project)


def has_project_file(folder: Path) -> bool:
    """Whether a folder has a `millwright.toml`, or a `pyproject.toml` that speaks of us."""
    return (folder / FILE_NAME).is_file() or _names_us(folder / "pyproject.toml")


def _is_data(folder: Path) -> bool:
    """Whether a folder is where a workspace keeps its data, and no workspace itself."""
    if folder.name != DATA_FOLDER or has_project_file(folder):
        return False
    # A workspace whose own folder has that name keeps its data one further down.
    return (folder / RECORDS_FILE).exists() or not (folder / DATA_FOLDER).is_dir()


def _is_anothers(project: Path, folder: Path) -> bool:
    """Whether a project has a workspace of its own, which is not this folder."""
    own = project / DATA_FOLDER
    return own.is_dir() and own != folder


def _names_us(pyproject: Path) -> bool:
    return pyproject.is_file() and "[tool.millwright" in pyproject.read_text(encoding="utf-8", errors="replace")


def store_urls(folder: Path, settings: Settings) -> StoreUrls:
    """The settings' URLs, or the defaults inside the workspace's folder."""
    data = folder / DATA_FOLDER
    return StoreUrls(
        records=settings.store or f"sqlite:///{data / RECORDS_FILE}",
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
