"""Functions that only the code around them calls: what their parameters are called is between the two."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from millwright.pipelines.fingerprint.binding import has_fixed_names, own_nodes
from millwright.pipelines.fingerprint.tree import every

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.pipelines.fingerprint.binding import FunctionNode

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FUNCTIONS = (*_DEFINITIONS, ast.Lambda)


def local_functions(node: FunctionNode) -> list[tuple[FunctionNode, list[ast.Call]]]:
    """The functions inside a function that nobody but its body can call, each with its calls.

    They are those that are bound to a name of the function's own, once (`def f` without decorators, `f = lambda …`),
    whose name is used to call them only; and lambdas that are called where they stand. One that is called with `**`,
    which may hand on any name, is none.

    Args:
        node: The function; the calls may be in functions inside it.
    """
    if not any(isinstance(each, _FUNCTIONS) for each in every(node)[1:]) or has_fixed_names(node):
        return []
    body = node.body if isinstance(node.body, list) else [node.body]
    nodes = [inner for part in body for inner in every(part)]
    calls = [each for each in nodes if isinstance(each, ast.Call)]
    found: list[tuple[FunctionNode, list[ast.Call]]] = [
        (call.func, [call]) for call in calls if isinstance(call.func, ast.Lambda)
    ]
    parameters = [each for each in every(node.args) if isinstance(each, ast.arg)]
    uses = Counter(name for each in (*nodes, *parameters) for name in _names(each))
    for name, function in _bound(body):
        of_name = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]
        if uses[name] == 1 + len(of_name):  # it is bound once, and all else is calls
            found.append((function, of_name))
    return [(function, of_one) for function, of_one in found if not any(map(_hands_on_any, of_one))]


def parameter_tokens(function: FunctionNode, calls: Sequence[ast.Call]) -> dict[ast.keyword, str]:
    """What stands for the keywords of a local function's calls that name a parameter: the place of that parameter.

    Args:
        function: One of `local_functions`.
        calls: Its calls.
    """
    named = (*function.args.args, *function.args.kwonlyargs)
    places = {argument.arg: f"<{place}>" for place, argument in enumerate(named)}
    keywords = (keyword for call in calls for keyword in call.keywords)
    return {keyword: places[keyword.arg] for keyword in keywords if keyword.arg in places}


def _bound(body: list[ast.stmt] | list[ast.expr]) -> Iterator[tuple[str, FunctionNode]]:
    for node in own_nodes(body):
        if isinstance(node, _DEFINITIONS) and not node.decorator_list:
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Lambda):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Name):
                yield targets[0].id, node.value


def _names(node: ast.AST) -> Iterator[str]:
    """Names of variables that a node binds or uses by itself; those of attributes and keywords are none."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    else:
        names = (getattr(node, field, None) for field in ("name", "rest"))
        yield from (name for name in names if isinstance(name, str))


def _hands_on_any(call: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in call.keywords)
