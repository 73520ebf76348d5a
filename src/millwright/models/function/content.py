"""A function as one archive: which class, its files, its parameters, its packages, its artifacts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.digest import canonical_json, digest_bytes
from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.models.archive import read_archive, write_archive
from millwright.models.function.source import collect_source

if TYPE_CHECKING:
    from millwright.models.function.python_model import PythonFunction

DESCRIPTION = "function.json"
_CODE, _ARTIFACTS = "code/", "artifacts/"
_WHAT = "a packaged Python function"


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionContent:
    """All that a function is.

    Attributes:
        module: Of the class.
        name: Of the class, as it stands in its module.
        params: JSON values.
        packages: Versions by distribution, as they were when it was packaged.
        code: Content by path.
        artifacts: Content by path.
    """

    module: str
    name: str
    params: Mapping[str, Any]
    packages: Mapping[str, str]
    code: Mapping[str, bytes]
    artifacts: Mapping[str, bytes]

    @property
    def code_digest(self) -> str:
        """Of the files' names and content."""
        return digest_bytes(write_archive(self.code, compress=False))

    def to_bytes(self) -> bytes:
        """As an archive, equal for equal content.

        Raises:
            InvalidInputError: The parameters are no JSON values.
        """
        described = {
            "module": self.module,
            "name": self.name,
            "params": self.params,
            "packages": self.packages,
            "code_digest": self.code_digest,
        }
        try:
            members = {DESCRIPTION: canonical_json(described)}
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"Expected params of JSON values, found something else: {error}.") from error
        members |= {f"{_CODE}{path}": data for path, data in self.code.items()}
        members |= {f"{_ARTIFACTS}{path}": data for path, data in self.artifacts.items()}
        return write_archive(members, compress=False)  # the package around it compresses

    @classmethod
    def from_bytes(cls, data: bytes) -> FunctionContent:
        """From an archive that may come from anywhere; nothing in it is run.

        Raises:
            UnsafeArtifactError, IntegrityError: As `archive.read_archive`.
            IntegrityError: It describes no function.
        """
        members = read_archive(data, what=_WHAT)
        try:
            told = json.loads(members[DESCRIPTION])
            found = cls(
                module=str(told["module"]),
                name=str(told["name"]),
                params=dict(told["params"]),
                packages={str(name): str(found) for name, found in told["packages"].items()},
                code=_below(members, _CODE),
                artifacts=_below(members, _ARTIFACTS),
            )
            digest = told["code_digest"]
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise IntegrityError(
                f"Expected {_WHAT} with a description '{DESCRIPTION}', found none that reads."
            ) from error
        if digest != found.code_digest:
            raise IntegrityError(f"The code in {_WHAT} differs from its digest.")
        return found


def content_of(function: PythonFunction) -> FunctionContent:
    """A user's function with all that it needs, read from where it is now.

    Raises:
        InvalidInputError: Its class has no file of its own, or a package that it needs is not installed.
        NotFoundError: Its artifacts are not there.
    """
    source = collect_source(function.model)
    return FunctionContent(
        module=source.module,
        name=function.model.__qualname__,
        params=dict(function.params),
        packages=_versions(function.packages, source.imported),
        code=source.files,
        artifacts=_artifacts(function.artifacts),
    )


def _versions(declared: tuple[str, ...], imported: frozenset[str]) -> dict[str, str]:
    providers = packages_distributions()
    # A namespace that several distributions share says nothing of which is meant.
    found = {providers[name][0] for name in imported if len(set(providers.get(name, ()))) == 1}
    versions = {}
    for name in sorted(found.union(declared)):
        try:
            versions[name] = version(name)
        except PackageNotFoundError as error:
            raise InvalidInputError(
                f"Expected the package '{name}' installed here, as the function needs it, found none.",
                hint="Name distributions as pip does, without versions.",
            ) from error
    return versions


def _artifacts(place: str | Path | None) -> dict[str, bytes]:
    if place is None:
        return {}
    root = Path(place)
    if root.is_file():
        return {root.name: root.read_bytes()}
    if not root.is_dir():
        raise NotFoundError(f"There is no file or folder '{root}' with the function's artifacts.")
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}


def _below(members: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    return {name.removeprefix(folder): data for name, data in members.items() if name.startswith(folder)}
