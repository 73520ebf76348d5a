"""The source files that a class needs: its own module's, and all that is imported from beside it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEVER_OURS = sys.stdlib_module_names | {"millwright", "__main__"}
_INSTALLED = {"site-packages", "dist-packages"}
MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The code of a class.

    Attributes:
        module: The name under which its module is imported, below the folder that imports begin at.
        files: Content by path below that folder, with `/`.
        imported: Names of the top-level modules that the files import from elsewhere, without the standard library.
    """

    module: str
    files: dict[str, bytes]
    imported: frozenset[str]


def collect_source(model: type) -> Source:
    """The files that a class needs.

    Imports are followed in the text, wherever they stand in it; what is imported under a name that is made up while the
    code runs is not found. A module is one of these files when it lies below the folder from which the class's own
    module is imported; installed packages stay out, except the class's own.

    Raises:
        InvalidInputError: The class is in a script that is run, in a notebook, or in a file that is no Python.
    """
    name, root = _place(model)
    walk = _Walk(root=root, own=name.partition(".")[0])
    walk.follow(name)
    if sum(map(len, walk.files.values())) > MAX_BYTES:
        raise InvalidInputError(
            f"The code of '{model.__qualname__}' and what it imports takes more than {MAX_BYTES >> 20} MiB.",
            hint="Install what is large as a package, and import it from there.",
        )
    return Source(module=name, files=walk.files, imported=frozenset(walk.elsewhere))


def _place(model: type) -> tuple[str, Path]:
    """The module's name, and the folder that it is imported from."""
    found = getattr(sys.modules.get(model.__module__), "__file__", None)
    if model.__module__ == "__main__" or found is None or not Path(found).is_file():
        raise InvalidInputError(
            f"Expected '{model.__qualname__}' in a module of its own, found it in "
            + ("the script that is run." if model.__module__ == "__main__" else "no file."),
            hint="Move the class to a file of its own and import it: that file is packaged, and runs when loaded.",
        )
    if "<locals>" in model.__qualname__:
        raise InvalidInputError(
            f"Expected a class at the top level of its module, found '{model.__qualname__}' inside a function.",
            hint="Move it out of the function.",
        )
    file = Path(found).resolve()
    parts = (file.parent if file.name == "__init__.py" else file.with_suffix("")).parts
    named = tuple(model.__module__.split("."))
    if (
        parts[-len(named) :] != named
    ):  # a file that was loaded under another name: as a member of the packages around it
        depth = 1
        while depth < len(parts) and Path(*parts[:-depth], "__init__.py").is_file():
            depth += 1
        named = parts[-depth:]
    return ".".join(named), Path(*parts[: -len(named)])


@dataclass(slots=True)
class _Walk:
    root: Path
    own: str
    files: dict[str, bytes] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)

    def follow(self, name: str) -> None:
        """Keep a module and the packages around it, and follow their imports; others are noted as from elsewhere."""
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            file = self._file(parts[:depth])
            if file is not None:
                self._keep(".".join(parts[:depth]), file)
            elif depth == 1 and not self._is_ours(parts[0]):
                if parts[0] not in _NEVER_OURS:
                    self.elsewhere.add(parts[0])
                return

    def _keep(self, name: str, file: Path) -> None:
        path = file.relative_to(self.root).as_posix()
        if path in self.files:
            return
        self.files[path] = file.read_bytes()
        try:
            tree = ast.parse(self.files[path])
        except (SyntaxError, ValueError) as error:
            raise InvalidInputError(f"Expected Python in '{file}', found something else: {error}.") from error
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for imported in _imports(tree, package):
            self.follow(imported)

    def _is_ours(self, top: str) -> bool:
        if top in _NEVER_OURS or (_INSTALLED & set(self.root.parts) and top != self.own):
            return False
        return (self.root / top).is_dir() or (self.root / f"{top}.py").is_file()

    def _file(self, parts: list[str]) -> Path | None:
        if not self._is_ours(parts[0]):
            return None
        base = self.root.joinpath(*parts)
        found = (base / "__init__.py", base.with_name(f"{base.name}.py"))
        return next((file for file in found if file.is_file()), None)


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Names of modules that may be imported: of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            if base:
                yield base
                yield from _below(base, node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    around = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*around, node.module] if node.module else around)


def _below(base: str, names: Iterable[ast.alias]) -> Iterator[str]:
    yield from (f"{base}.{alias.name}" for alias in names if alias.name != "*")
