from __future__ import annotations

import ast
import importlib.util
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from millwright.pipelines.fingerprint.source_file import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = textwrap.dedent("""
    import os
    from json import dumps as write

    LIMIT = 1
    LIMIT += 1
    TABLE = {}
    TABLE["a"] = 2
    TABLE.update(b=3)
    if LIMIT:
        EARLY = LATE = None

    FILLED = {}

    def fill():
        FILLED["a"] = object()

    fill()

    def deco(f):
        return f

    @deco
    @deco
    def decorated(x):
        def inner(y):
            return y
        return inner(x)

    class Outer:
        class Inner:
            def method(self):
                return 1

    pair = (lambda x: x, lambda x: x + 1)

    if LIMIT:
        def twice(): return 1
    else:
        def twice(): return 2
""")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("some", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def file(path: Path) -> SourceFile:
    found = SourceFile.read(str(path))
    assert found is not None
    return found


def test_function_is_found_where_it_is_written(file: SourceFile, module: Any) -> None:
    node = file.function(module.decorated.__code__)
    assert isinstance(node, ast.FunctionDef)
    assert node.name == "decorated"
    method = file.function(module.Outer.Inner.method.__code__)
    assert isinstance(method, ast.FunctionDef)
    assert method.name == "method"


def test_functions_are_found_whatever_the_module_imports(tmp_path: Path) -> None:
    path = tmp_path / "futures.py"
    path.write_text(
        "'Says.'\nfrom __future__ import annotations\nif True:\n    import json\n"
        "def called(x: int): return json.dumps(x)\none = lambda x: x; other = lambda x: -x\n"
        "def loader():\n    global os\n    import os\ndef hidden(x): return os.fspath(x)\n"
    )
    namespace: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec", dont_inherit=True), namespace)  # noqa: S102 - the test's own
    found = SourceFile.read(str(path))
    assert found is not None
    functions = [namespace[name] for name in ("called", "one", "other", "loader", "hidden")]
    assert all(found.function(function.__code__) for function in functions)
    assert found.function(functions[1].__code__) is not found.function(functions[2].__code__)


def test_lambdas_of_one_line_are_told_apart(file: SourceFile, module: Any) -> None:
    found = [file.function(each.__code__) for each in module.pair]
    assert [ast.unparse(node) for node in found if node] == ["lambda x: x", "lambda x: x + 1"]


def test_function_is_not_found_when_the_file_changed(path: Path, module: Any) -> None:
    path.write_text(SOURCE.replace("return inner(x)", "return inner(-x)"))
    changed = SourceFile.read(str(path))
    assert changed is not None
    assert changed.function(module.decorated.__code__) is None
    assert changed.function(module.deco.__code__) is not None


def test_class_is_found_by_its_qualified_name(file: SourceFile) -> None:
    assert [node.name for node in file.classes("Outer.Inner")] == ["Inner"]
    assert file.classes("Inner") == []


def test_statements_of_a_global_are_all_that_set_or_change_it(file: SourceFile) -> None:
    assert [ast.unparse(node) for node in file.statements("LIMIT")] == ["LIMIT = 1", "LIMIT += 1"]
    assert [ast.unparse(node) for node in file.statements("TABLE")] == [
        "TABLE = {}",
        "TABLE['a'] = 2",
        "TABLE.update(b=3)",
    ]
    assert [ast.unparse(node) for node in file.statements("FILLED")] == ["FILLED = {}", "fill()"]
    assert len(file.statements("LATE")) == 1
    assert len(file.statements("write")) == 1
    assert file.statements("nothing") == []


@pytest.mark.parametrize("text", ["def (", "\0", ""])
def test_file_that_is_no_python_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    assert SourceFile.read(str(path)) is None
    assert SourceFile.read(str(tmp_path / "missing.py")) is None
    assert SourceFile.read("<string>") is None
