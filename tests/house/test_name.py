"""Names: modules say what their one thing is."""

from __future__ import annotations

import ast

from house.source import hold, modules

FORBIDDEN = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "stuff", "lib"}
ERROR_BASES = {"Exception", "MillwrightError", "ValueError", "RuntimeError", "TypeError", "KeyError", "OSError"}


def test_module_is_not_named_after_nothing() -> None:
    breaches = {}
    for module in modules():
        bad = FORBIDDEN & {part for name in module.name.split(".") for part in (name, *name.strip("_").split("_"))}
        if bad:
            breaches[module.name] = f"'{bad.pop()}' says nothing about what is in it"
    hold("names", breaches)


def test_error_class_ends_in_error() -> None:
    breaches = {}
    for module in modules():
        for name, node in module.definitions():
            bases = {ast.unparse(base).rpartition(".")[2] for base in getattr(node, "bases", ())}
            if any(base in ERROR_BASES or base.endswith("Error") for base in bases) and not name.endswith("Error"):
                breaches[name] = "an error class, whose name ends otherwise"
    hold("error names", breaches)


def test_file_says_from_future_import_annotations() -> None:
    breaches = {
        module.name: "has no `from __future__ import annotations`"
        for module in modules()
        if module.code_lines and "from __future__ import annotations" not in module.text
    }
    hold("future annotations", breaches)
