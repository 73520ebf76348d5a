"""Fingerprints of step functions."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from millwright.core.digest import digest_bytes
from millwright.core.ids import Digest
from millwright.pipelines.fingerprint.origin import package_of_module
from millwright.pipelines.fingerprint.syntax import normalise_statements
from millwright.pipelines.fingerprint.unit import UnitReader
from millwright.pipelines.fingerprint.walk import Walk, short_digest

_VERSION = "3"  # raised when what fingerprints are made of changes, so that no old result is taken for a new one
_OWN = "millwright"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    """Which code a function depends on.

    Attributes:
        digest: The same for the same code, wherever it lies.
        parts: What of the project is reached, by name, with a digest of each one alone, as `Walk.lines` says: to say
            what changed.
        packages: `package==version` of what is reached in installed packages, sorted.
        warnings: What cannot be seen, in sentences.
        reads: Paths that the code names where it reads files, as written; no part of the digest.
    """

    digest: Digest
    parts: Mapping[str, str]
    packages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


class Fingerprinter:
    """Makes fingerprints; reads each source file once, so make a new one after files have changed."""

    def __init__(self) -> None:
        self._reader = UnitReader()
        self._own: dict[str, Fingerprint] = {}

    def of(self, function: Callable[..., Any]) -> Fingerprint:
        """The fingerprint of a step's function (or of what decorators made of it).

        Values of globals count as they are now: make all fingerprints before any step runs.
        """
        root = _function(function)
        if (root.__module__ or "").partition(".")[0] == _OWN:
            return self._of_own(root)
        walk = Walk(self._reader)
        lines = walk.lines(root)
        packages = tuple(sorted(walk.packages))
        return Fingerprint(
            digest=digest_bytes("\n".join((_VERSION, *lines, *packages)).encode(errors="surrogatepass")),
            parts=walk.parts,
            packages=packages,
            warnings=tuple(walk.warnings),
            reads=tuple(walk.reads),
        )

    def _of_own(self, function: FunctionType) -> Fingerprint:
        """A built-in step: its module's code, and Millwright's version for all that it calls."""
        name = function.__module__
        if name not in self._own:
            file = self._reader.file(str(getattr(sys.modules.get(name), "__file__", "") or ""))
            text, package = normalise_statements(file.tree.body) if file else "", package_of_module(_OWN)
            self._own[name] = Fingerprint(
                digest=digest_bytes(f"{_VERSION}\n{text}\n{package}".encode()),
                parts={f"{name}.*": f"m{short_digest(text)}"},
                packages=(package,),
            )
        shared = self._own[name]
        digest = digest_bytes(f"{shared.digest} {function.__qualname__}".encode())
        return Fingerprint(digest=digest, parts=shared.parts, packages=shared.packages)


def _function(function: Callable[..., Any]) -> FunctionType:
    """The function that the walk begins at."""
    if isinstance(function, FunctionType):
        return function

    # A callable of another kind (a partial, an object with __call__) is reached from a function that holds it.
    def call() -> Any:
        return function

    unwrapped = inspect.unwrap(function)
    call.__module__ = getattr(unwrapped, "__module__", None) or type(unwrapped).__module__
    return cast("FunctionType", call)
