"""Core is the standard library and nothing else; importing the package costs next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

from house.source import hold, modules

if TYPE_CHECKING:
    from pathlib import Path


def test_core_imports_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"millwright"}
    breaches = {}
    for module in modules():
        if module.room not in {"core", "version"}:
            continue
        for node in ast.walk(module.tree):
            for name in _imported(node):
                if name.partition(".")[0] not in allowed:
                    breaches[module.name] = f"imports {name} (line {node.lineno})"  # type: ignore[attr-defined]
    hold("standard library", breaches)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""] if node.level == 0 else []
    return []


def test_import_millwright_loads_no_third_party_package() -> None:
    script = "import sys; before = set(sys.modules); import millwright; print(*sorted(set(sys.modules) - before))"
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in output.split()}
    assert loaded - sys.stdlib_module_names == {"millwright"}


def test_help_loads_no_heavy_library() -> None:
    heavy = {
        "polars",
        "numpy",
        "pandas",
        "sqlalchemy",
        "sklearn",
        "scipy",
        "optuna",
        "plotly",
        "onnxruntime",
        "pyarrow",
    }
    script = (
        "import sys\nfrom millwright.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not heavy & set(output.rpartition("LOADED")[2].split())


def test_lists_of_records_load_nothing_that_they_do_not_show(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom millwright.cli.main import main\nmain(sys.argv[1:])\nprint('LOADED', *sorted(sys.modules))"
    )
    for words in (("models", "list"), ("runs", "list"), ("models", "list")):  # the first makes the store
        output = subprocess.run(
            [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout
    loaded = output.rpartition("LOADED")[2].split()
    heavy = {"alembic", "numpy", "polars", "fsspec", "litestar", "psycopg", "yaml", "httpx"}
    assert not heavy & set(loaded)
    assert "sqlalchemy.dialects.postgresql" not in loaded
    # Counted, since seconds would be the machine's: 640, of which 140 are ours; it was 790 and 240.
    assert len(loaded) < 700
    assert sum(name.startswith("millwright.") for name in loaded) < 160
