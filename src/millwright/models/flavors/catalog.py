"""All flavors by name: the built-in ones, and those that installed packages add.

A package adds flavors under the entry point group `millwright.flavors`; each entry names a class that fulfils
`flavor.Flavor` and is made without arguments, and the entry's name is the flavor's.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, InvalidInputError, closest
from millwright.core.extension import entry_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.models.flavors.flavor import Flavor

ENTRY_POINT_GROUP = "millwright.flavors"

# Loaded on use.
BUILT_IN: Mapping[str, str] = {
    "sklearn": "millwright.models.flavors.sklearn:SklearnFlavor",
    "lightgbm": "millwright.models.flavors.lightgbm:LightgbmFlavor",
    "xgboost": "millwright.models.flavors.xgboost:XgboostFlavor",
    "torch": "millwright.models.flavors.torch:TorchFlavor",
    "onnx": "millwright.models.flavors.onnx:OnnxFlavor",
    "river": "millwright.models.flavors.river:RiverFlavor",
    "python": "millwright.models.flavors.python:PythonFlavor",
}


def flavor_names() -> tuple[str, ...]:
    """The names of all known flavors, the built-in ones first."""
    added = (entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(dict.fromkeys((*BUILT_IN, *added)))


@lru_cache(maxsize=64)
def get_flavor(name: str) -> Flavor:
    """A flavor by its name.

    Raises:
        InvalidInputError: There is no such flavor (the nearest is named).
        ConfigurationError: An installed package's flavor cannot be used.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: Flavor = getattr(import_module(module), attribute)()
        return found
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == name:
            return _checked(entry.load(), name, entry.value)
    raise InvalidInputError(f"There is no model flavor '{name}'.", hint=closest(name, flavor_names()))


def flavor_of(estimator: Any) -> Flavor:
    """The flavor of a user's fitted model.

    Raises:
        InvalidInputError: No flavor knows such an object.
    """
    for name in flavor_names():
        flavor = get_flavor(name)
        if flavor.handles(estimator):
            return flavor
    kind = f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    raise InvalidInputError(
        f"Expected a fitted model of a known flavor ({', '.join(flavor_names())}), found a {kind}.",
        hint="Bring it as an ONNX graph, which most libraries can write, or write a PythonModel around it.",
    )


def _checked(loaded: Any, name: str, value: str) -> Flavor:
    wanted = ("handles", "adopt", "dump", "load", "compute", "convert")
    missing = [each for each in wanted if not callable(getattr(loaded, each, None))]
    if not isinstance(loaded, type) or missing:
        raise ConfigurationError(
            f"The flavor '{name}' ({value}) is not a class with the methods {', '.join(wanted)}.",
            hint="Correct or uninstall the package that provides it.",
        )
    flavor: Flavor = loaded()
    return flavor
