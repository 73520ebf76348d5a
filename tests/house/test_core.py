"""Core is the standard library and nothing else; importing the package costs next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys

from house.source import hold, modules


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
