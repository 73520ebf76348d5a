"""Where the code of a pipeline is."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from msgspec import UNSET

from millwright.core.credential import without_credentials
from millwright.core.errors import MillwrightError
from millwright.core.git import git_output
from millwright.governance.openlineage.facet import SourceCodeFacet, SourceCodeLocationFacet

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.records.code import CodeRecord
    from millwright.storage.base import ArtifactStore

_SSH = re.compile(r"(?:ssh://(?:[^@/]+@)?|[^@/]+@)(?P<host>[^:/]+)(?::\d+/|[:/])(?P<path>.+)")


def code_location(code: CodeRecord, folders: tuple[Path, ...]) -> SourceCodeLocationFacet | None:
    """Where a pipeline's file is in its Git repository; None when it is in none.

    Args:
        code: The code that ran.
        folders: Where the project may be.
    """
    if code.git_commit is None:
        return None
    file = code.entrypoint.rpartition(":")[0]
    folder = next((folder for folder in folders if (folder / file).is_file()), None)
    if folder is None:
        return None
    prefix = _ask(folder, "rev-parse", "--show-prefix")
    remote = without_credentials(_ask(folder, "config", "--get", "remote.origin.url"))
    branch = _ask(folder, "symbolic-ref", "--short", "--quiet", "HEAD")
    path = f"{prefix}{file}"
    web = _web_address(remote)
    return SourceCodeLocationFacet(
        type="git",
        url=f"{web}/blob/{code.git_commit}/{path}" if web else (folder / file).resolve().as_uri(),
        repo_url=remote or UNSET,
        path=path,
        version=code.git_commit,
        branch=branch or UNSET,
    )


def source_code(code: CodeRecord, artifacts: ArtifactStore) -> SourceCodeFacet | None:
    """The text of a pipeline's file as it was kept; None when it was not."""
    if code.snapshot is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(artifacts.get(code.snapshot))) as archive:
            text = archive.read(code.entrypoint.rpartition(":")[0]).decode("utf-8", "replace")
    except (MillwrightError, KeyError, zipfile.BadZipFile):
        return None
    return SourceCodeFacet(source_code=text)


def _web_address(remote: str) -> str:
    """Where people read a repository; empty when it cannot be told."""
    if remote.startswith(("https://", "http://")):
        return remote.removesuffix(".git").rstrip("/")
    found = _SSH.fullmatch(remote)
    return f"https://{found['host']}/{found['path'].removesuffix('.git')}" if found else ""


def _ask(folder: Path, *arguments: str) -> str:
    return (git_output(folder, *arguments) or "").strip()
