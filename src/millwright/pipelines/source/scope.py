"""A project's own modules, importable only while its code runs."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType, ModuleType

_NEVER_OURS = sys.stdlib_module_names | {"millwright", "__main__"}


class ImportScope:
    """The modules below one folder, as they were when each was first imported in this scope.

    Two scopes of one folder hold two versions of its code side by side. Outside `active` nothing of a scope is left in
    `sys.modules` or `sys.path`. Contexts of one scope may be nested; those of different scopes must not overlap in
    different threads, since Python has one table of modules per process.

    Args:
        root: The folder from which modules are imported by their plain names.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._finder = _ProjectFinder(root)
        self._modules: dict[str, ModuleType] = {}
        self._depth = 0

    def add(self, name: str, module: ModuleType) -> None:
        """Make a module that was loaded by other means importable by a name."""
        self._modules[name] = module
        if self._depth:
            sys.modules[name] = module

    @contextmanager
    def active(self) -> Iterator[None]:
        """A context inside which the project's own imports work, those inside functions included."""
        self._depth += 1
        if self._depth > 1:
            try:
                yield
            finally:
                self._depth -= 1
            return
        hidden = self._enter()
        try:
            yield
        finally:
            self._leave(hidden)
            self._depth -= 1

    def _enter(self) -> dict[str, ModuleType]:
        hidden = _loaded_under(self._own_names())
        for name in hidden:
            del sys.modules[name]
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self.root))
        sys.meta_path.insert(_before_path_finder(), self._finder)
        return hidden

    def _leave(self, hidden: dict[str, ModuleType]) -> None:
        for name in self._finder.loaded | self._modules.keys():
            module = sys.modules.pop(name, None)
            if module is not None:
                self._modules[name] = module
        sys.modules.update(hidden)
        sys.meta_path.remove(self._finder)
        if str(self.root) in sys.path:
            sys.path.remove(str(self.root))

    def _own_names(self) -> set[str]:
        """Top-level names that mean this project's modules while it is active."""
        files, packages = set(), set()
        with suppress(OSError), os.scandir(self.root) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    files.add(entry.name.removesuffix(".py"))
                elif entry.is_dir() and Path(entry, "__init__.py").is_file():
                    packages.add(entry.name)
        return (files | packages | {name.partition(".")[0] for name in self._modules}) - _NEVER_OURS


def _loaded_under(tops: set[str]) -> dict[str, ModuleType]:
    """The loaded modules of these top-level names; thousands of others are loaded, which only packages make us see."""
    found = {name: sys.modules[name] for name in tops & sys.modules.keys()}
    if any(hasattr(module, "__path__") for module in found.values()):
        found = {name: module for name, module in list(sys.modules.items()) if name.partition(".")[0] in tops}
    return found


class _FreshLoader(SourceFileLoader):
    """Compiles the text as it is now: cached byte code is told from stale only to the second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


class _ProjectFinder(MetaPathFinder):
    """Finds the modules of one folder, and remembers which."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.loaded: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top = fullname.partition(".")[0]
        if top in _NEVER_OURS or (path is not None and top not in self.loaded):
            return None
        for place in [str(self._root)] if path is None else path:
            # A new one each time: a finder's listing of a folder is as coarse as the folder's time stamp.
            spec = FileFinder(place, (_FreshLoader, [".py"])).find_spec(fullname, target)
            if spec is not None and (spec.loader is not None or not self._is_elsewhere(fullname)):
                self.loaded.add(fullname)
                return spec
        return None

    def _is_elsewhere(self, fullname: str) -> bool:
        """Whether a folder without `__init__.py` only happens to have the name of an installed package."""
        others = [place for place in sys.path if place not in {str(self._root), ""}]
        spec = PathFinder.find_spec(fullname, others)
        return spec is not None and spec.loader is not None


def _before_path_finder() -> int:
    return next((at for at, finder in enumerate(sys.meta_path) if finder is PathFinder), len(sys.meta_path))
