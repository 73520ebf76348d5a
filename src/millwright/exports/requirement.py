"""What has to be installed to serve a model, exactly: the versions that run here, the model's libraries as recorded.

Source of the markers' meaning: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from typing import TYPE_CHECKING, Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from millwright.core.extension import entry_points
from millwright.models.flavors.catalog import BUILT_IN, ENTRY_POINT_GROUP, get_flavor
from millwright.models.package import ONNX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OURS = "millwright"
_SERVE = f"{_OURS}[serve]"
_MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}  # as other systems call what Linux calls so
# What Millwright needs elsewhere and a server never imports: 300 MB that an image is smaller by.
_UNUSED = frozenset({"deltalake", "pyarrow"})
# System libraries that a Python library's wheel expects to find: Debian's package by distribution.
_SYSTEM = {"lightgbm": "libgomp1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """What to install.

    Attributes:
        pins: `name==version`, sorted; Millwright itself is not among them, since an index may have something else of
            that name: its wheel comes along, and is installed by its path.
        open: Names of which no version is known here, since they are needed on Linux alone.
        differing: Libraries of the model that run here in another version than the one it was packaged with, as
            sentences.
        system: Debian packages.
    """

    pins: tuple[str, ...]
    open: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    system: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """What to look at before it is built, as sentences."""
        missing = [f"{name} is needed on Linux and not installed here: its version is left open." for name in self.open]
        return (*self.differing, *missing)

    def text(self) -> str:
        """As a requirements file."""
        return "".join(f"{line}\n" for line in (*self.pins, *self.open))


def serving_requirements(manifest: Mapping[str, Any], *, packages: Mapping[str, str] | None = None) -> Requirements:
    """What serves a package on Linux, with this version of Python.

    A model with a proven compilation needs ONNX Runtime and nothing of its own library; any other needs what its flavor
    names. Everything that these need in turn is in it, and so is what Millwright needs to serve. What it needs for
    other things alone is not: this has to be installed as it is, without looking for more.

    Args:
        manifest: The package's.
        packages: Versions by distribution that a model's own code needs.
    """
    given = {**dict(manifest.get("libraries") or {}), **(packages or {})}
    recorded = {canonicalize_name(name): str(found) for name, found in given.items()}
    found = _closure((_SERVE, *_libraries(manifest), *(packages or {})))
    versions = {name: _installed(name) for name in found if name != _OURS}
    for name in recorded.keys() & versions.keys():
        versions[name] = recorded[name]
    return Requirements(
        pins=tuple(f"{name}=={version}" for name, version in sorted(versions.items()) if version),
        open=tuple(sorted(name for name, version in versions.items() if not version)),
        differing=tuple(
            f"{name} {recorded[name]} packaged the model, {here} is installed here."
            for name in sorted(recorded.keys() & versions.keys())
            if (here := _installed(name)) != recorded[name]
        ),
        system=tuple(sorted({_SYSTEM[name] for name in versions if name in _SYSTEM})),
    )


def _libraries(manifest: Mapping[str, Any]) -> list[str]:
    flavor = str(manifest.get("flavor"))
    added = [
        entry.dist.name
        for entry in entry_points(ENTRY_POINT_GROUP)
        if entry.name == flavor and flavor not in BUILT_IN and entry.dist is not None
    ]
    if ONNX in dict(manifest.get("members") or {}):
        return added
    return [*added, *(_provider(name) for name in get_flavor(flavor).libraries)]


def _provider(name: str) -> str:
    """The distribution that is installed for a library: `xgboost` may be `xgboost-cpu`."""
    if _installed(name):
        return name
    return next(iter(packages_distributions().get(name.replace("-", "_"), [])), name)


def _closure(roots: Iterable[str]) -> set[str]:
    """The names of everything that the roots need on Linux, the roots among them."""
    environment = _linux()
    done: dict[str, set[str]] = {}
    waiting = [Requirement(root) for root in roots]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = {"", *requirement.extras}
        if name in done and extras <= done[name]:
            continue
        done.setdefault(name, set()).update(extras)
        for needed in map(Requirement, _needs(name)):
            marker = needed.marker
            if name == _OURS and needed.name in _UNUSED:
                continue
            if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in done[name]):
                waiting.append(needed)
    return set(done)


def _needs(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []


def _linux() -> dict[str, str]:
    """The markers' values on Linux, for this version of Python."""
    here = {name: str(value) for name, value in default_environment().items()}
    machine = here["platform_machine"]
    return {
        **here,
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": _MACHINES.get(machine.lower(), machine),
    }


def _installed(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None
