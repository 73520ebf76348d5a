"""Where code comes from: the user's project, an installed package, or Python itself."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import site
import sys
import sysconfig
from enum import Enum
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OWN = "millwright"
# Modules whose distribution is named otherwise, and that are met often; others are looked up.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
    "PIL": "pillow",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "bs4": "beautifulsoup4",
    "skimage": "scikit-image",
}
_PUBLIC = {"posixpath": "os.path", "ntpath": "os.path", "genericpath": "os.path", "posix": "os", "nt": "os"}
_VERSION = re.compile(r"""^__version__(?:\s*:\s*\w+)?\s*=\s*["']([^"']+)["']""", re.MULTILINE)
_METADATA_VERSION = re.compile(r"^Version: *(\S+) *$", re.MULTILINE)
_ABOVE_STEPS = frozenset({"cli", "demo", "server", "testing"})
_SITE_FOLDERS = ("site-packages", "dist-packages")
_IN_SITE, _IN_DIST = (f"{os.sep}{folder}{os.sep}" for folder in _SITE_FOLDERS)


class Origin(Enum):
    """Whose code something is."""

    PROJECT = "project"  # the user's: its source counts
    PACKAGE = "package"  # installed: its version counts
    PYTHON = "python"  # the interpreter or the standard library: nothing counts


def origin_of_file(path: str) -> Origin:
    """Whose code a file is; a path that is no file (`<string>`, `<stdin>`) counts as the project's."""
    return _origin_of_file(path)


def origin_of_module(name: str) -> Origin:
    """Whose code a module is, by its name."""
    top = name.partition(".")[0]
    if top == _OWN:
        return Origin.PACKAGE
    if top in sys.builtin_module_names or (not name or top == "builtins"):
        return Origin.PYTHON
    module = sys.modules.get(name)
    path = getattr(module, "__file__", None)
    if path is None and module is not None and name != "__main__":
        paths = list(getattr(module, "__path__", ()))
        path = paths[0] if paths else None
    if path is None:
        if top in sys.stdlib_module_names:
            return Origin.PYTHON
        return _origin_of_unloaded(top) if module is None else Origin.PROJECT
    return _origin_of_file(path)


def project_modules(names: Iterable[str]) -> list[str]:
    """Those of the loaded modules that are the project's.

    Thousands are loaded, and this is asked before the first step: where a module's file lies tells of nearly all.
    """
    others = (*_site_folders(), *_python_folders())
    known = sys.modules
    near = []
    for name in names:
        path = getattr(known.get(name), "__file__", None)
        if not (isinstance(path, str) and path.startswith(others)):
            near.append(name)
    return [name for name in near if origin_of_module(name) is Origin.PROJECT]


def public_module(name: str) -> str:
    """A module's name as one imports it on any system: `os.path` for `posixpath`, `operator` for `_operator`."""
    top = name.partition(".")[0]
    if origin_of_module(name) is not Origin.PYTHON:
        return name
    return _PUBLIC.get(top) or top.lstrip("_") or top


def module_of(thing: object) -> str:
    """The name of the module that a thing says it is of; "" when it says nothing, or nothing that is text."""
    found = getattr(thing, "__module__", None)
    return found if isinstance(found, str) else ""


def package_of_module(name: str) -> str:
    """`package==version` of an installed module, by its top-level name.

    Where several distributions share that name, as those of `google` do, it is the one that holds the module.
    """
    top = name.partition(".")[0]
    return _shared_package(name) if is_shared(name) else f"{top}=={package_version(top)}"


def distribution_of(package: str) -> str:
    """`scikit-learn==1.9` for `sklearn==1.9`: what people install is called so."""
    top, sign, version = package.partition("==")
    return f"{_DISTRIBUTIONS.get(top, top)}{sign}{version}"


def package_version(top: str) -> str:
    """The version of an installed top-level module, the same whether it is loaded yet or not; `?` when nothing says it.

    In order: the distribution of that name, the one that ships the module, the `__version__` written in its source.
    Millwright's own has a digest behind it while its sources are worked on in place.
    """
    return _own_version() if top == _OWN else _package_version(top)


def version_of_sources(root: Path) -> str:
    """The version of a Millwright that lies in a folder, with a digest of its sources unless it is an installed one.

    In an editable installation they are worked on in place, and a step must run again when what it calls has changed.
    The rooms above the steps are left out: no step can reach them, which the import contracts see to.

    Args:
        root: The folder of the package.
    """
    if any(folder in root.parts for folder in _SITE_FOLDERS):
        return __version__
    hasher = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        if inside.parts[0] not in _ABOVE_STEPS:
            hasher.update(f"{inside.as_posix()}\n".encode())
            hasher.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{__version__}+{hasher.hexdigest()[:16]}"


@lru_cache(maxsize=1)
def _own_version() -> str:
    return version_of_sources(Path(__file__).parents[2])


@lru_cache(maxsize=4096)
def _origin_of_file(path: str) -> Origin:
    if path.startswith("<"):
        return Origin.PYTHON if path.startswith("<frozen") else Origin.PROJECT
    # Thousands of modules are asked about before the first step: no `Path` is made of each.
    if _IN_SITE in path or _IN_DIST in path or path.startswith(_site_folders()):
        return Origin.PACKAGE
    return Origin.PYTHON if path.startswith(_python_folders()) else Origin.PROJECT


@lru_cache(maxsize=1)
def _site_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    found = [paths["purelib"], paths["platlib"], *site.getsitepackages(), site.getusersitepackages()]
    return tuple({os.path.join(folder, "") for folder in found})  # noqa: PTH118 - the separator at the end is wanted


@lru_cache(maxsize=1)
def _python_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple({os.path.join(paths[kind], "") for kind in ("stdlib", "platstdlib")})  # noqa: PTH118 - as above


def _origin_of_unloaded(top: str) -> Origin:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return Origin.PROJECT
    if spec is None:
        return Origin.PROJECT
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return _origin_of_file(places[0]) if places else Origin.PROJECT


@lru_cache(maxsize=1024)
def _package_version(top: str) -> str:
    for name in chain([_DISTRIBUTIONS.get(top, top)], _shipping(top)):
        try:
            return _version_of(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return _written_version(top)


def _version_of(distribution: importlib.metadata.Distribution) -> str:
    """As `distribution.version`, which reads all of the metadata as if it were a mail."""
    written = _METADATA_VERSION.search(distribution.read_text("METADATA") or "")
    return written[1] if written else distribution.version


def is_shared(module: str) -> bool:
    """Whether several distributions may share a module's top-level name, which is a folder without code of its own."""
    top = module.partition(".")[0]
    return top != _OWN and _is_namespace(top)


@lru_cache(maxsize=1024)
def _is_namespace(top: str) -> bool:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is None and bool(spec.submodule_search_locations)


@lru_cache(maxsize=1024)
def _shared_package(name: str) -> str:
    top, names = name.partition(".")[0], name.split(".")
    shipping = sorted(set(_shipping(top)))
    files = {each: {"/".join(file.parts) for file in importlib.metadata.files(each) or ()} for each in shipping}
    for length in range(len(names), 1, -1):
        inside = "/".join(names[:length])
        for distribution, known in files.items():
            if any(file.startswith((f"{inside}/", f"{inside}.")) for file in known):
                return f"{distribution}=={importlib.metadata.version(distribution)}"
    versions = (f"{each} {importlib.metadata.version(each)}" for each in shipping)
    return f"{top}=={' '.join(versions) or '?'}"


def _shipping(top: str) -> Iterator[str]:
    yield from importlib.metadata.packages_distributions().get(top, [])  # reads every installed package: slow, so last


def _written_version(top: str) -> str:
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return "?"
    written = _VERSION.search(Path(spec.origin).read_text(encoding="utf-8", errors="replace"))
    return written[1] if written else "?"
