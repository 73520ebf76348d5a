"""Kept source files as modules, apart from all others of the process.

Two versions of a model bring modules of the same names, and a server that swaps them has both for a while. So each
bundle lives below a package name that nobody else has, and the import statements in its files find the bundle's own
modules first. Nothing is put on `sys.path`, and imports inside functions work at any time and in any thread.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

_numbers = count(1)


class IsolatedModules(MetaPathFinder, SourceLoader):  # type: ignore[misc]  # typeshed's own base classes disagree
    """Modules of some source files, importable by `get` and by each other; by nobody else.

    Args:
        files: Content by path, with `/` and the ending `.py`.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._prefix = f"_millwright_model_{next(_numbers)}"
        self._paths: dict[str, str] = {self._prefix: ""}
        self._files = dict(files)
        for path in files:
            parts = path.removesuffix(".py").split("/")
            if parts[-1] == "__init__":
                parts.pop()
            for depth in range(1, len(parts)):  # packages without a file of their own
                self._paths.setdefault(self._name(parts[:depth]), "")
            self._paths[self._name(parts)] = path
        self._own = {path.partition("/")[0].removesuffix(".py") for path in files}
        self._builtins = {**vars(builtins), "__import__": self._import}
        sys.meta_path.insert(0, self)

    def get(self, name: str) -> ModuleType:
        """A module by the name that it had where it was written.

        Raises:
            ImportError: There is none, or it imports something that is not there.
            Exception: Whatever its code raises.
        """
        return importlib.import_module(f"{self._prefix}.{name}")

    def close(self) -> None:
        """Forget the modules; what is still in use keeps working, but imports nothing more."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]
        for name in [name for name in sys.modules if name == self._prefix or name.startswith(f"{self._prefix}.")]:
            del sys.modules[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A module's whereabouts, if it is one of these."""
        del path, target
        if fullname not in self._paths:
            return None
        file = self._paths[fullname]
        is_package = not file or file.endswith("__init__.py")
        # Without a location, so that nobody takes these for files: modules have no `__file__`.
        return ModuleSpec(fullname, self, origin=self.get_filename(fullname), is_package=is_package)

    def get_filename(self, fullname: str) -> str:
        """What tracebacks show."""
        return f"<model>/{self._paths[fullname] or '__init__.py'}"

    def get_data(self, path: str) -> bytes:
        """A file's content; nothing for a package that has none."""
        return self._files.get(path.removeprefix("<model>/"), b"")

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code, with import statements that look here first."""
        module.__dict__["__builtins__"] = self._builtins
        super().exec_module(module)

    def _name(self, parts: Sequence[str]) -> str:
        return ".".join((self._prefix, *parts))

    def _import(  # the signature of `__import__`
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level or name.partition(".")[0] not in self._own:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = self.get(name)
        if not fromlist:
            return sys.modules[f"{self._prefix}.{name.partition('.')[0]}"]
        for each in fromlist:
            inner = f"{self._prefix}.{name}.{each}"
            if not hasattr(module, each) and inner in self._paths:
                importlib.import_module(inner)
        return module
