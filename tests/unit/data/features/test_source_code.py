"""The text of a Python transformation."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial

import pytest

from millwright.data.features.source_code import normalised_source

LIMIT = 3
NAMES = {"b": [1, 2], "a": {3, 1}}


def helper(value):
    # Comments are left out.
    return value + LIMIT


def uses_helper(frame: object) -> object:
    """Docstrings, too."""
    names: dict = NAMES
    return helper(frame), names, len


class Scaler:
    def __init__(self, factor) -> None:
        self.factor = factor

    def __call__(self, frame) -> object:
        return frame * self.factor


def test_what_a_function_reaches_is_part_of_its_text() -> None:
    text = normalised_source(uses_helper)
    assert text.startswith("def transform(frame):\n    names = NAMES\n    return (helper(frame), names, len)")
    assert "def transform(value):\n    return value + LIMIT" in text
    assert "LIMIT = 3" in text
    assert "NAMES = {'b': [1, 2], 'a': {1, 3}}" in text
    assert "Comments" not in text


def test_lambdas_on_one_line_are_told_apart() -> None:
    one, two = (lambda x: x + 1), (lambda x: x + 2)
    assert normalised_source(one) == "lambda x: x + 1"
    assert normalised_source(two) == "lambda x: x + 2"


@pytest.mark.parametrize("number", [1, 2])
def test_variables_of_an_enclosing_function_count(number) -> None:
    def inner(x, more=LIMIT) -> object:
        return x + number + more

    assert f"number = {number}" in normalised_source(inner)
    assert "default 0 = 3" in normalised_source(inner)


def test_objects_that_can_be_called_count_with_what_they_hold() -> None:
    assert "Scaler" not in normalised_source(helper)
    assert normalised_source(Scaler(2)) != normalised_source(Scaler(3))
    assert normalised_source(Scaler(2)) == normalised_source(Scaler(2))
    assert normalised_source(partial(helper, 1)) != normalised_source(partial(helper, 2))


def test_function_without_source_is_known_by_its_byte_code() -> None:
    functions = []
    for body in ("x + 1", "x + 1", "x + 2"):
        names: dict = {}
        exec(f"def f(x):\n    return {body}", names)  # noqa: S102
        functions.append(names["f"])
    texts = [normalised_source(function) for function in functions]
    assert texts[0] == texts[1] != texts[2]


def test_functions_that_call_one_another_end() -> None:
    def ping(x) -> object:
        return pong(x)

    def pong(x) -> object:
        return ping(x)

    assert normalised_source(ping).count("def transform") == 2


def test_helpers_of_another_module_of_the_project_count(tmp_path, monkeypatch) -> None:
    texts = []
    for number in (1, 2):
        file = tmp_path / "f_helpers.py"
        file.write_text(
            f"def scaled(x):\n    return x * {number}\n\ndef unused():\n    return {number}\n" + "#" * number
        )
        spec = importlib.util.spec_from_file_location("f_helpers", file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "f_helpers", module)
        exec(compile(file.read_bytes(), str(file), "exec"), vars(module))  # noqa: S102

        def use(x, module=None) -> object:
            return f_helpers.scaled(x)  # noqa: F821

        monkeypatch.setitem(globals(), "f_helpers", module)
        texts.append(normalised_source(use))
    assert "x * 1" in texts[0]
    assert "x * 2" in texts[1]
    assert "unused" not in texts[0]
