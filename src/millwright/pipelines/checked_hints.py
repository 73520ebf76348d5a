"""Annotations of steps and pipelines, with what is wrong about them: said before anything runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from millwright.pipelines.hint import describe, find_hints, strip

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOKED_INTO = (Union, UnionType, list, dict, tuple, set, frozenset)
_FORMS = {"typing", "typing_extensions"}  # what stands there is an annotation, whatever its class


def checked_hints(
    function: Callable[..., Any], owner: str, *, with_result: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """The types that a function's annotations name, and a sentence for each annotation that names none.

    Args:
        function: The function; names that its file imports only under `if TYPE_CHECKING:` are imported.
        owner: Whose annotations they are, for the sentences: `step 'clean'`.
        with_result: Whether the annotation of what is returned is of interest.

    Returns:
        By parameter, and `return`; `Any` where a sentence says why there is no type.
    """
    hints, errors = find_hints(function)
    wrong = {name: _unresolved(error) for name, error in errors.items()}
    wrong |= {name: found for name, hint in hints.items() if (found := _no_type(hint))}
    if not with_result:
        wrong.pop("return", None)
    if not wrong:
        return hints, []
    written, plain = _written(function), inspect.unwrap(function)
    code = getattr(plain, "__code__", None)
    file = f"{Path(code.co_filename).name}:" if code is not None else ""
    problems = []
    for name, text in wrong.items():
        found, line = written.get(name, (_shown(plain, name), code.co_firstlineno if code is not None else 0))
        place = f"{file}{line}: " if file else ""
        what = "what it returns" if name == "return" else f"'{name}'"
        problems.append(f"{place}{owner}: the annotation `{found}` of {what} {text}, or annotate Any.")
    return {name: Any if name in wrong else hint for name, hint in hints.items()}, problems


def _unresolved(error: Exception) -> str:
    """What is wrong with an annotation that raises, and what to do."""
    if isinstance(error, NameError) and error.name:
        return f"names '{error.name}', which is not there at run time: import or define it in this file"
    told = str(error).rstrip(".")
    return f"raises {type(error).__name__}{f' ({told})' if told else ''}: correct it"


def _no_type(hint: Any) -> str:
    """What an annotation is that is no type, and what to do; empty when it is one."""
    bare = strip(hint)
    if get_origin(bare) in _LOOKED_INTO:
        return next((text for each in get_args(bare) if each is not ... and (text := _no_type(each))), "")
    if isinstance(bare, type) or get_origin(bare) is not None or type(bare).__module__ in _FORMS:
        return ""
    if inspect.isroutine(bare):
        return "is a function and no type: name the class of the value"
    if isinstance(bare, tuple | list):
        return f"is no type: write {type(bare).__name__}[…]"
    kind = "a module" if inspect.ismodule(bare) else f"an object of {describe(type(bare))}"
    return f"is {kind} and no type: name the class of the value"


def _written(function: Callable[..., Any]) -> dict[str, tuple[str, int]]:
    """Annotations as they are written, with their lines, by parameter; empty when there is no source."""
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(function))
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return {}
    found = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), None)
    if found is None:
        return {}
    given = found.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    said = [*((each.arg, each.annotation) for each in every), ("return", found.returns)]
    return {name: (_text(node), first + node.lineno - 1) for name, node in said if node is not None}


def _text(annotation: ast.expr) -> str:
    quoted = annotation.value if isinstance(annotation, ast.Constant) else None
    return quoted if isinstance(quoted, str) else ast.unparse(annotation)


def _shown(function: Callable[..., Any], name: str) -> str:
    found = inspect.get_annotations(function).get(name)
    return found if isinstance(found, str) else describe(found)
