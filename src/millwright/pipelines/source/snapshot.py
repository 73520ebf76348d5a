"""The source of a project as one archive, kept with each run and restored to run again."""

from __future__ import annotations

import fnmatch
import io
import os
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes, digest_json
from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.core.git import begin_git, end_git
from millwright.core.records.code import CodeRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base import ArtifactStore

SUFFIXES = frozenset({".py", ".pyi", ".yaml", ".yml", ".toml", ".sql"})
MAX_FILES = 5_000
MAX_BYTES = 32 * 2**20
MAX_VISITED = 100_000

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages", "build", "dist", "venv"})
_SECRETS = (
    *("*.env", "*.env.*", "*secret*", "*credential*", "*password*", "*private*key*"),
    *("token.*", "tokens.*", "*[_-]token.*", "*[_-]tokens.*"),
)
_URL_PASSWORD = re.compile(rb"(://[^/\s:@'\"]+:)[^@\s/'\"]+(?=@)")
_SECRET_SETTING = re.compile(
    rb"^(\s*[\"']?[\w.-]*(?:password|secret|api[_-]?key|access[_-]?key)[\"']?\s*[:=]\s*)\S.*$",
    re.IGNORECASE | re.MULTILINE,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time an archive can hold; the same for all, so that bytes are, too
_READABLE = 0o644 << 16


def snapshot_code(entry_file: Path, function: str, artifacts: ArtifactStore) -> CodeRecord:
    """Store the source files of a project, and say which code it is.

    Python, YAML, TOML and SQL files of the entry file's folder (that of the outermost package, when it is in one) and
    below; no hidden files or folders, virtual environments, or files whose names speak of secrets. In YAML and TOML
    files passwords in URLs, and the values of settings named as passwords, secrets or keys, are blanked.

    Args:
        entry_file: The file that holds the pipeline.
        function: The pipeline's name in it.
        artifacts: Where the archive is kept.

    Raises:
        NotFoundError: There is no such file.
        InvalidInputError: The folder holds more source than a project should.
    """
    if not entry_file.is_file():
        raise NotFoundError(f"There is no file '{entry_file}'.")
    file = entry_file.resolve()
    root = project_root(file)
    git = begin_git(root, "status", "--porcelain=v2", "--branch", "--", ".")  # works while the files are read
    try:
        contents = {path.relative_to(root).as_posix(): _content(path) for path in _source_files(root, file)}
        digests = [[name, digest_bytes(contents[name])] for name in sorted(contents)]
        archive = _archive(contents)
    except BaseException:
        if git is not None:
            git.kill()
        raise
    finally:
        commit, dirty = _git_state(end_git(git))
    return CodeRecord(
        entrypoint=f"{file.relative_to(root).as_posix()}:{function}",
        snapshot=artifacts.put(archive),
        source_digest=digest_json(digests),
        git_commit=commit,
        git_dirty=dirty,
    )


def restore_code(record: CodeRecord, artifacts: ArtifactStore, into: Path) -> Path:
    """Write a snapshot's files into a folder.

    Args:
        record: What `snapshot_code` gave.
        artifacts: Where the archive is kept.
        into: A folder; made when it is not there.

    Returns:
        The entry file in it.

    Raises:
        NotFoundError: The record has no snapshot, or the store lost it.
        IntegrityError: The archive names files outside the folder.
    """
    if record.snapshot is None:
        raise NotFoundError(
            f"The code of '{record.entrypoint}' was not kept.", hint="Run it from its own folder or package."
        )
    target = into.resolve()
    with zipfile.ZipFile(io.BytesIO(artifacts.get(record.snapshot))) as archive:
        for name in archive.namelist():
            path = (target / name).resolve()
            if not path.is_relative_to(target) or PurePosixPath(name).is_absolute():
                raise IntegrityError(f"A code snapshot names a file outside its folder: {name!r}.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
    return target / record.entrypoint.rpartition(":")[0]


def project_root(file: Path) -> Path:
    """The folder whose source is kept with a file: its own, or the one above its outermost package."""
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def _source_files(root: Path, entry: Path) -> list[Path]:
    found: list[Path] = []
    total = 0
    for visited, path in enumerate(_walk(root)):
        if path.suffix in SUFFIXES and not _is_secret(path.name):
            found.append(path)
            total += path.stat().st_size
        if len(found) > MAX_FILES or total > MAX_BYTES or visited > MAX_VISITED:
            raise InvalidInputError(
                f"The folder {root} holds more source than one project should ({len(found)} files, "
                f"{total / 2**20:.0f} MiB and more), and all of it would be kept with each run.",
                hint=f"Move {entry.name} and its helpers into a folder of their own.",
            )
    return found if entry in found else [*found, entry]


def _walk(root: Path) -> Iterator[Path]:
    """Files below a folder, which is a path without links; links are not followed out of it."""
    folders = [root]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError:  # a folder that may not be read holds no source
            continue
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                folders += [] if _is_skipped(entry) else [Path(entry.path)]
            elif entry.is_file() and (not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(root)):
                yield Path(entry.path)


def _is_skipped(folder: os.DirEntry[str]) -> bool:
    return folder.name in _SKIPPED_FOLDERS or Path(folder.path, "pyvenv.cfg").is_file()


def _is_secret(name: str) -> bool:
    # Code that deals with secrets is code; only files that could hold them are left out.
    return not name.endswith((".py", ".pyi")) and any(fnmatch.fnmatch(name.lower(), pattern) for pattern in _SECRETS)


def _content(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix not in {".yaml", ".yml", ".toml"}:
        return data
    return _SECRET_SETTING.sub(rb'\1"***"', _URL_PASSWORD.sub(rb"\1***", data))


def _archive(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            entry.create_system = 3  # Unix, on every machine
            archive.writestr(entry, contents[name], zipfile.ZIP_DEFLATED, compresslevel=6)
    return buffer.getvalue()


def _git_state(text: str | None) -> tuple[str | None, bool]:
    """The commit that is checked out, and whether files below the folder differ from it; (None, False) without Git."""
    lines = (text or "").splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), None)
    if commit is None or commit == "(initial)":
        return None, False
    return commit, any(not line.startswith("#") for line in lines)
