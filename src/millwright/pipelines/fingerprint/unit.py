"""One thing of the project that is reached: its own text, and what it refers to."""

from __future__ import annotations

import ast
import dis
import functools
import sys
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_file
from millwright.pipelines.fingerprint.binding import loose_parameters
from millwright.pipelines.fingerprint.blind_spot import blind_spots
from millwright.pipelines.fingerprint.calling import called_names, loose_names
from millwright.pipelines.fingerprint.lookup import (
    Found,
    Global,
    find,
    find_imported,
    imports_in,
    is_step_decorator,
)
from millwright.pipelines.fingerprint.members import annotations_act, cells, functions_of, globals_of, labelled, members
from millwright.pipelines.fingerprint.naming import GlobalNames
from millwright.pipelines.fingerprint.origin import Origin, module_of, origin_of_file, origin_of_module
from millwright.pipelines.fingerprint.reading import named_files
from millwright.pipelines.fingerprint.reference import code_references, syntax_references
from millwright.pipelines.fingerprint.source_file import SourceFile
from millwright.pipelines.fingerprint.syntax import normalise_class, normalise_function, normalise_statements
from millwright.pipelines.label import function_label, module_label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, class, module or constant.

    Attributes:
        label: For people.
        text: What it is by itself; two units with the same text and the same references are the same.
        references: What it reaches, each with what it is called here.
        kind: `f` for a function, `c` for a class, `m` for a whole file, `v` for a global, `o` for an object.
        warnings: What about it cannot be seen, in sentences.
        reads: Paths that it names where it reads files.
        loose: Names of parameters that its text leaves out, as `loose_names` gives them.
        called: By which names it hands arguments on.
    """

    label: str
    text: str
    references: tuple[tuple[str, Any], ...] = ()
    kind: str = "f"
    warnings: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    called: frozenset[str] = frozenset()


class UnitReader:
    """Makes units; files are read once."""

    def __init__(self) -> None:
        self._files: dict[str, SourceFile | None] = {}
        self._binaries: dict[str, str] = {}
        # With the functions themselves: an id is only one's own while that one lives.
        self._functions: dict[tuple[int, bool], tuple[FunctionType, Unit]] = {}

    def function(self, function: FunctionType, *, is_root: bool = False) -> Unit:
        """A function of the project; read once, since many steps reach the same ones.

        Args:
            function: The function.
            is_root: Whether it is a step's own, whose defaults count as parameters instead.
        """
        key = (id(function), is_root)
        if key not in self._functions:
            self._functions[key] = (function, self._function(function, is_root=is_root))
        return self._functions[key][1]

    def _function(self, function: FunctionType, *, is_root: bool) -> Unit:
        namespace, code = function.__globals__, function.__code__
        file = self.file(code.co_filename)
        node = file.function(code) if file else None
        tokens: dict[str, str] = {}
        loose: tuple[str, ...] = ()
        names, (chains, imports) = GlobalNames(namespace), code_references(code)
        if node is None:
            text = "".join(_code_text(code))
            outside: list[Found] = [
                find_imported(each.module, each.level, name, namespace)
                for each in imports
                for name in each.names or (None,)
            ]
        else:
            holder = code.co_qualname.rpartition(".")[0]
            is_method = bool(holder) and not holder.endswith("<locals>")
            text, tokens = normalise_function(
                node,
                free=code.co_freevars,
                with_defaults=not is_root,
                skips_decorator=lambda expression: is_step_decorator(expression, namespace),
                names=names,
                is_method=is_method,
            )
            loose = loose_names([node], is_method=is_method)
            if is_root:  # the graph gives a step its arguments by their names, so those of one that is a lambda count
                text += ",".join(loose_parameters(node, is_method=is_method))
            outside = list(imports_in(node, namespace))
            outside += [find(chain, namespace) for chain in sorted(_decorator_chains(node, namespace), key=names.label)]
        references = [*globals_of(chains, namespace, names), *labelled("outside", outside)]
        references += [(f"cell {tokens.get(name, name)}", value) for name, value in cells(function)]
        if not is_root:
            references += [("defaults", function.__defaults__ or ()), ("kwdefaults", function.__kwdefaults__ or {})]
        if (wrapped := function.__dict__.get("__wrapped__")) is not None:
            references.append(("wrapped", wrapped))
        if ("globals",) in chains and "globals" not in namespace:  # `globals()[name]`: any name may be meant
            references += labelled("globals", [sys.modules.get(str(namespace.get("__name__")))])
        label = function_label(function)
        warnings = tuple(blind_spots(chains, imports, namespace, label))
        return Unit(
            label,
            text,
            tuple(references),
            "f",
            warnings,
            reads=tuple(named_files(node, namespace)) if node else (),
            loose=loose,
            called=called_names([node] if node else (), namespace),
        )

    def foreign(self, function: FunctionType) -> Unit:
        """A function of a package that may hold one of the project's, as a decorator's wrapper does."""
        held = [(f"cell {name}", value) for name, value in cells(function)]
        if (wrapped := function.__dict__.get("__wrapped__")) is not None:
            held.append(("wrapped", wrapped))
        references = [(f"{label} {key}", part) for label, value in held for key, part in _project_parts(value, 4)]
        return Unit("", f"{home_of(function)}.{function.__code__.co_qualname}", tuple(references))

    def klass(self, kind: type) -> Unit:
        """A class of the project."""
        module = sys.modules.get(module_of(kind))
        file = self.file(getattr(module, "__file__", None) or _file_of_methods(kind))
        nodes = file.classes(kind.__qualname__) if file else []
        namespace = vars(module) if module else {}
        names, acts = GlobalNames(namespace), annotations_act(kind, nodes)
        text = "".join(normalise_class(node, with_annotations=acts, names=names) for node in nodes)
        text = text or self.binary(module_of(kind))
        references: list[tuple[str, Any]] = [("base", base) for base in kind.__mro__[1:]]
        references.append(("metaclass", type(kind)))
        for node in nodes:
            parts = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords), *node.body]
            chains = sorted(syntax_references(parts), key=names.label)
            references += labelled("body", [find(chain, namespace) for chain in chains])
        references += members(kind, file if nodes else None, names)
        reads = tuple(path for node in nodes for path in named_files(node, namespace))
        return Unit(
            function_label(kind),
            text,
            tuple(references),
            "c",
            reads=reads,
            loose=loose_names(nodes),
            called=called_names(nodes, namespace),
        )

    def module(self, module: ModuleType) -> Unit:
        """A whole module, for code that uses it in a way that cannot be followed."""
        name = module.__name__
        file = self.file(getattr(module, "__file__", None) or "")
        statements = file.tree.body if file else []
        text = normalise_statements(statements) if file else self.binary(name)
        inside = [Global(vars(module), key, value) for key, value in vars(module).items() if not key.startswith("__")]
        name = module_label(name)
        warning = f"module '{name}' is used by a name made at run time, so any change in its file counts"
        references = tuple((found.name, found) for found in inside)
        loose, called = loose_names(statements), called_names(statements, vars(module))
        return Unit(f"{name}.*", text, references, "m", (warning,), loose=loose, called=called)

    def statements(self, found: Global) -> list[ast.stmt]:
        """The statements of its module that give a global its value; empty when they are not found."""
        file = self.file(str(found.namespace.get("__file__") or ""))
        if file is None:
            return []
        return file.statements(found.name) or [each for each in file.statements("*") if _gives(each, found)]

    def constant(self, found: Global) -> Unit:
        """A module-level name whose value cannot be looked into: the statements that set it stand for it."""
        statements = self.statements(found)
        names = GlobalNames(found.namespace)
        chains = sorted(syntax_references(statements), key=names.label)
        references = labelled("in", [find(chain, found.namespace) for chain in chains])
        for statement in statements:
            if isinstance(statement, ast.ImportFrom):
                target = find_imported(
                    statement.module or "", statement.level, _original(statement, found.name), found.namespace
                )
                references += labelled("from", [target])
        kept = [(label, value) for label, value in references if not _is_same(value, found)]
        imports = [statement for statement in statements if not isinstance(statement, ast.Import | ast.ImportFrom)]
        return Unit(
            global_label(found),
            normalise_statements(imports, names=names),
            tuple(kept),
            "v",
            loose=loose_names(imports),
            called=called_names(imports, found.namespace),
        )

    def binary(self, module: str) -> str:
        """What stands for a module of the project that is no Python source: the bytes of its file, if it has one."""
        parent, _, last = module.rpartition(".")
        found = sys.modules.get(module) or getattr(sys.modules.get(parent), last, None)
        path = str(getattr(found, "__file__", "") or "")
        if path not in self._binaries:
            is_binary = path.endswith(tuple(EXTENSION_SUFFIXES)) and Path(path).is_file()
            self._binaries[path] = f"compiled {digest_file(Path(path))}" if is_binary else "project"
        return self._binaries[path]

    def file(self, path: str) -> SourceFile | None:
        """A source file, read once."""
        if path not in self._files:
            self._files[path] = SourceFile.read(path) if path else None
        return self._files[path]


def global_label(found: Global) -> str:
    """`module.NAME` of a global."""
    module = module_label(str(found.namespace.get("__name__", "")))
    return f"{module}.{found.name}" if module else found.name


def origin_of_function(function: FunctionType) -> Origin:
    """Whose code a function is; generated code belongs to the module that holds it."""
    path = function.__code__.co_filename
    if function.__module__ and function.__module__.partition(".")[0] == "millwright":
        return Origin.PACKAGE
    return origin_of_module(function.__module__ or "") if path.startswith("<") else origin_of_file(path)


def home_of(function: FunctionType) -> str:
    """The module that a function's code stands in; `functools.wraps` writes another into `__module__`."""
    return str(function.__globals__.get("__name__") or function.__module__ or "")


def built_in_home(function: BuiltinFunctionType) -> tuple[str, Any]:
    """The module of a function of C code, and the object that it is bound to, if it is one that counts.

    `numpy.random.normal` is a method of an object that the package made itself: it is the package's function.
    """
    owner = function.__self__
    if owner is None or isinstance(owner, ModuleType):
        return getattr(owner, "__name__", "") or module_of(function) or "builtins", None
    home = module_of(owner if isinstance(owner, type) else type(owner))
    own = getattr(sys.modules.get(home), function.__name__, None)
    is_its_own = isinstance(own, BuiltinFunctionType) and own == function
    return home or "builtins", None if is_its_own else owner


def _decorator_chains(node: ast.AST, namespace: dict[str, Any]) -> list[tuple[str, ...]]:
    decorators = getattr(node, "decorator_list", [])
    return syntax_references(each for each in decorators if not is_step_decorator(each, namespace))


def _project_parts(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Functions and classes of the project in a value, through containers."""
    if isinstance(value, FunctionType):
        if origin_of_function(value) is Origin.PROJECT or value.__closure__:
            yield "", value
    elif isinstance(value, type):
        if origin_of_module(module_of(value)) is Origin.PROJECT:
            yield "", value
    elif depth and isinstance(value, dict):
        for key, inner in value.items():
            name = getattr(key, "__qualname__", None) or repr(key)
            yield from ((f"{name} {label}", part) for label, part in _project_parts(inner, depth - 1))
    elif depth and isinstance(value, list | tuple):
        for inner in value:
            yield from _project_parts(inner, depth - 1)
    elif depth and hasattr(value, "__wrapped__"):
        yield from _project_parts(value.__wrapped__, depth - 1)
    elif depth and isinstance(value, functools.partial):
        yield from _project_parts(value.func, depth - 1)


def _file_of_methods(kind: type) -> str:
    functions = (function for value in vars(kind).values() for function in functions_of(value))
    return next((function.__code__.co_filename for function in functions), "")


def _original(statement: ast.ImportFrom, bound: str) -> str | None:
    names = {alias.asname or alias.name: alias.name for alias in statement.names}
    return bound if "*" in names else names.get(bound)


def _gives(statement: ast.stmt, found: Global) -> bool:
    """Whether `from module import *` is where a global comes from."""
    if not isinstance(statement, ast.ImportFrom):
        return False
    module = find_imported(statement.module or "", statement.level, None, found.namespace)
    return isinstance(module, Global) and getattr(module.value, found.name, None) is found.value


def _is_same(value: Any, found: Global) -> bool:
    return isinstance(value, Global) and value.name == found.name and value.namespace is found.namespace


def _code_text(code: CodeType) -> Iterator[str]:
    """Byte code as text, for code whose source is not there; differs between versions of Python."""
    parameters = code.co_varnames[: code.co_argcount]
    yield f"code {code.co_argcount} {code.co_kwonlyargcount} {code.co_flags & 0x0C} {parameters}"
    for instruction in dis.get_instructions(code):
        argument = instruction.argval
        if hasattr(argument, "co_code"):
            yield f"\n{instruction.opname}:"
            yield from _code_text(argument)
        else:
            yield f"\n{instruction.opname} {argument!r}"
