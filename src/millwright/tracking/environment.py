"""Which interpreter, machine and packages something ran with."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib.metadata import distributions
from pathlib import Path

from millwright.core.records.code import EnvironmentRecord
from millwright.version import __version__

_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist-info|egg-info)")
_SEPARATORS = re.compile(r"[-_.]+")


def capture_environment() -> EnvironmentRecord:
    """The environment of this process.

    Packages are read from the names of their metadata folders, which costs a few milliseconds where reading each one's
    metadata costs hundreds; names are in the normal form of PEP 503. Of a package that is installed twice the one that
    is imported counts, which is the first on the path.
    """
    return EnvironmentRecord(
        python=platform.python_version(),
        platform=f"{platform.system()}-{platform.release()}-{platform.machine()}",
        packages=installed_packages(),
        millwright=__version__,
    )


def installed_packages() -> tuple[str, ...]:
    """`name==version` of everything installed, sorted."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys(sys.path):
        for name, version in _in_folder(folder or os.curdir):
            found.setdefault(name, version)
    return tuple(sorted(f"{name}=={version}" for name, version in found.items()))


def _in_folder(folder: str) -> list[tuple[str, str]]:
    try:
        entries = os.listdir(folder)  # noqa: PTH208 - names are all that is wanted
    except OSError:  # an archive, or not there
        if Path(folder).is_file():
            return [(_normal(each.name), each.version) for each in distributions(path=[folder])]
        return []
    matches = (_INFO.fullmatch(entry) for entry in entries if entry.endswith("-info"))
    return [(_normal(match["name"]), match["version"]) for match in matches if match]


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
