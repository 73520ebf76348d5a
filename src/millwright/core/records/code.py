"""Which code and which environment did something."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.ids import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRecord:
    """The code that a pipeline ran, enough to run it again.

    Attributes:
        entrypoint: `file.py:function` relative to the project, or `module:function`.
        snapshot: Digest of the stored ZIP archive of the project's source files.
        source_digest: Digest over the paths and contents of those files, whatever the archive's format.
        git_commit: The commit checked out, when the project is in a Git repository.
        git_dirty: Whether files differed from that commit.
    """

    entrypoint: str
    snapshot: Digest | None
    source_digest: Digest
    git_commit: str | None = None
    git_dirty: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentRecord:
    """The interpreter, machine and installed packages.

    Attributes:
        python: Version, such as `3.11.7`.
        platform: Such as `Linux-6.1-x86_64`.
        packages: `name==version`, sorted, all that is installed.
        millwright: Version of this package.
    """

    python: str
    platform: str
    packages: tuple[str, ...]
    millwright: str
