"""What a step's decorator declares of its environment: versions of distributions, values of environment variables."""

from __future__ import annotations

import importlib.metadata
import os
import re
from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, closest
from millwright.pipelines.fingerprint.origin import distribution_of, package_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from millwright.core.ids import Digest
    from millwright.pipelines.graph.spec import StepSpec

_OWN = "millwright"


def declared_packages(specs: Iterable[StepSpec]) -> dict[str, str]:
    """The versions of the distributions that steps declare, by the names as they declare them: `name==version`.

    Raises:
        InvalidInputError: Some are not installed; the message names each, with its step.
    """
    wanted: dict[str, str] = {}
    for spec in specs:
        for name in spec.options.packages:
            wanted.setdefault(name, spec.name)
    found = {name: _installed(name) for name in wanted}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        said = "; ".join(f"step '{wanted[name]}' declares the package '{name}'" for name in missing)
        raise InvalidInputError(
            f"{said[0].upper()}{said[1:]}, and no distribution of that name is installed.",
            hint=_advice(missing[0]),
            details={"packages": missing},
        )
    return {name: f"{canonical(name)}=={version}" for name, version in found.items()}


def declared_environment(names: Iterable[str], environ: Mapping[str, str] | None = None) -> dict[str, Digest | None]:
    """Digests of the values of environment variables; None for one that is not set.

    Args:
        names: Of the variables.
        environ: Where they are looked for; this process's environment by default.
    """
    values = os.environ if environ is None else environ
    return {name: digest_bytes(values[name].encode()) if name in values else None for name in sorted(names)}


def canonical(name: str) -> str:
    """A distribution's name in the form that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str | None:
    if canonical(name) == _OWN:
        return package_version(_OWN)
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def _advice(name: str) -> str:
    known = {str(each.metadata["Name"]) for each in importlib.metadata.distributions() if each.metadata["Name"]}
    shipping = [distribution_of(name), *importlib.metadata.packages_distributions().get(name, [])]
    fitting = next((each for each in shipping if each in known and each != name), None)
    if fitting:
        return f"'{name}' is a module; its distribution is '{fitting}'."
    return f"{near} Or install it." if (near := closest(name, known)).startswith("Did") else "Install it."
