"""Which targets there are: the built-in ones, and those of installed packages."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, InvalidInputError, closest
from millwright.core.extension import entry_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.exports.target import Target

ENTRY_POINT_GROUP = "millwright.exports"

# Loaded on use.
BUILT_IN: Mapping[str, str] = {
    "docker": "millwright.exports.docker:DockerTarget",
    "kubernetes": "millwright.exports.kubernetes:KubernetesTarget",
    "kserve": "millwright.exports.kserve:KServeTarget",
    "ray-serve": "millwright.exports.ray_serve:RayServeTarget",
}


def target_names() -> tuple[str, ...]:
    """The names of all known targets, the built-in ones first."""
    added = (entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(dict.fromkeys((*BUILT_IN, *added)))


@lru_cache(maxsize=64)
def get_target(name: str) -> Target:
    """A target by its name.

    Raises:
        InvalidInputError: There is no such target; all are named.
        ConfigurationError: An installed package's target cannot be used.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: Target = getattr(import_module(module), attribute)()
        return found
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == name:
            return _checked(entry.load(), name, entry.value)
    known = target_names()
    raise InvalidInputError(
        f"Expected a target to export to, found '{name}'.",
        hint=closest(name, known),
        details={"known": list(known)},
    )


def _checked(loaded: Any, name: str, value: str) -> Target:
    wanted = ("files", "commands")
    missing = [each for each in wanted if not callable(getattr(loaded, each, None))]
    if not isinstance(loaded, type) or missing:
        raise ConfigurationError(
            f"The export target '{name}' ({value}) is not a class with the methods {' and '.join(wanted)}.",
            hint="Correct or uninstall the package that provides it.",
        )
    target: Target = loaded()
    return target
