"""Sizes: a file, class or function that reaches its limit is split by what it is about."""

from __future__ import annotations

import ast

from house.source import Function, Module, docstring_node, hold, modules

MODULE_LINES = 500
FUNCTION_LINES = 50
CLASS_LINES = 300
METHODS = 20
PARAMETERS = 7
NESTING = 3
PUBLIC_NAMES = 25


def test_module_has_at_most_500_lines() -> None:
    sizes = {module.name: len(module.text.splitlines()) for module in modules()}
    hold("module lines", {name: f"{size} lines" for name, size in sizes.items() if size > MODULE_LINES})


def test_function_body_has_at_most_50_lines_without_its_docstring() -> None:
    breaches = {}
    for name, node in _definitions():
        if isinstance(node, Function) and (size := _body_lines(node)) > FUNCTION_LINES:
            breaches[name] = f"{size} lines"
    hold("function lines", breaches)


def _body_lines(node: Function) -> int:
    body = node.body[1:] if docstring_node(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_class_has_at_most_300_lines() -> None:
    sizes = {
        name: (node.end_lineno or 0) - node.lineno + 1
        for name, node in _definitions()
        if isinstance(node, ast.ClassDef)
    }
    hold("class lines", {name: f"{size} lines" for name, size in sizes.items() if size > CLASS_LINES})


def test_class_has_at_most_20_methods() -> None:
    breaches = {}
    for name, node in _definitions():
        methods = {child.name for child in node.body if isinstance(child, Function)}
        if isinstance(node, ast.ClassDef) and len(methods) > METHODS:
            breaches[name] = f"{len(methods)} methods"
    hold("methods", breaches)


def test_function_takes_at_most_7_parameters() -> None:
    breaches = {}
    for name, node in _definitions():
        if isinstance(node, Function) and len(names := _parameters(node)) > PARAMETERS and not _is_command(node):
            breaches[name] = f"{len(names)} parameters"
    hold("parameters", breaches)


def _parameters(node: Function) -> list[str]:
    """What a caller gives: not `self`, and not the context that the runner gives to a step."""
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    given = [one.arg for one in arguments if not one.annotation or ast.unparse(one.annotation) != "StepContext"]
    return given[1:] if given[:1] in (["self"], ["cls"]) else given


def _is_command(node: Function) -> bool:
    """Whether the parameters are the options of a command: Typer reads them from the signature."""
    annotations = (argument.annotation for argument in (*node.args.args, *node.args.kwonlyargs) if argument.annotation)
    return any("typer." in ast.unparse(annotation) for annotation in annotations)


def test_packages_nest_at_most_3_deep() -> None:
    depths = {module.name: _packages_below_the_root(module) for module in modules()}
    hold("nesting", {name: f"{depth} packages deep" for name, depth in depths.items() if depth > NESTING})


def _packages_below_the_root(module: Module) -> int:
    return len(module.name.split(".")) - (1 if module.path.name == "__init__.py" else 2)


def test_room_offers_at_most_25_names() -> None:
    breaches = {}
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names = ast.literal_eval(node.value)
                if len(names) > PUBLIC_NAMES:
                    breaches[module.name] = f"{len(names)} names in __all__"
    hold("public names", breaches)


def _definitions() -> list[tuple[str, Function | ast.ClassDef]]:
    return [definition for module in modules() for definition in module.definitions()]
