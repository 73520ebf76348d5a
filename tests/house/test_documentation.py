"""Every command, setting and error that a user can meet is documented, in pages that the code writes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from house.source import ROOT, modules
from millwright.pipelines.source.loading import load_pipeline

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

# `mw …` in code: at the start of a line of a code block, or between backticks.
COMMAND = re.compile(r"(?:^|`)(?:\$ )?mw (?:--(?:profile|workspace) \S+ )?([a-z]+(?: [a-z-]+)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def test_reference_pages_say_what_the_code_says() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_command_is_documented_with_its_options(reference: ModuleType) -> None:
    import typer

    from millwright.cli.main import app

    page = _page("cli.md")
    for path, command in reference.commands(typer.main.get_command(app), "mw"):
        assert f"## `{path}`" in page
        section = page.partition(f"## `{path}`\n")[2].partition("\n## ")[0]
        assert command.help
        for parameter in command.params:
            if parameter.name not in {"help", "install_completion", "show_completion"}:
                # An option is shown by its names, an argument by its placeholder.
                shown = parameter.metavar or parameter.name.upper()
                names = (shown,) if parameter.param_type_name == "argument" else tuple(parameter.opts)
                assert any(name in section for name in names), f"{path}: {parameter.name}"
                assert getattr(parameter, "help", None), f"{path}: {parameter.name} has no help"


def test_setting_is_documented_with_its_meaning() -> None:
    from millwright.workspace.settings import known_keys

    page = _page("settings.md")
    for key, (_, description) in known_keys().items():
        assert f"`{key}`" in page
        assert description, f"{key} has no description"


def test_name_that_the_package_offers_stands_in_the_reference() -> None:
    import millwright as mw

    # Contracts have a guide of their own; `steps` is what its names are, and is looked into here.
    offered = {*mw._LAZY, *mw.steps.__all__} - {"contracts", "steps"}
    documented = {line.rpartition(".")[2] for line in _page("python.md").splitlines() if line.startswith("::: ")}
    assert offered - documented == set()


def test_error_has_a_code_of_its_own_and_is_documented(reference: ModuleType) -> None:
    page = _page("errors.md")
    codes = Counter(error.code for error in reference.error_classes())
    assert [code for code, count in codes.items() if count > 1] == []
    assert [code for code in codes if f"| `{code}` |" not in page] == []


def test_error_classes_all_stand_in_core(reference: ModuleType) -> None:
    known = {error.__name__ for error in reference.error_classes()}
    outside = {
        name
        for module in modules()
        for name, node in module.definitions()
        if module.name != "millwright.core.errors"
        and any(ast.unparse(base).rpartition(".")[2] in known for base in getattr(node, "bases", ()))
    }
    assert outside == set()


def test_command_that_a_page_names_exists(reference: ModuleType) -> None:
    import typer

    from millwright.cli.main import app

    tree = dict(reference.commands(typer.main.get_command(app), "mw"))
    groups = {path for path, command in tree.items() if hasattr(command, "commands")}
    wrong = {}
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        for found in COMMAND.finditer(page.read_text(encoding="utf-8")):
            words = found[1].split()
            path = " ".join(("mw", *words[:1]))
            path = " ".join((path, *words[1:2])) if path in groups and path != "mw" else path
            if path not in tree:
                wrong[f"{page.relative_to(ROOT)}: {found[0].strip()}"] = "no such command"
    assert wrong == {}


def test_path_of_the_server_is_documented() -> None:
    from millwright.deployment.realtime.protocol import all_routes
    from millwright.deployment.realtime.route import RouteOptions

    page = _page("http.md")
    assert [route.path for route in all_routes(RouteOptions()) if f"`{route.path}`" not in page] == []


def test_path_of_the_control_plane_is_documented(reference: ModuleType) -> None:
    page = _page("http.md")
    rows = list(reference.control_rows())
    assert len(rows) >= 40
    assert [row for row in rows if row not in page] == []
    assert [row for row in rows if row.endswith("|  |\n")] == []


@pytest.mark.parametrize("page", ["README.md", "docs/guides/pipeline.md"])
def test_pipeline_of_a_page_builds_its_graph(page: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "pipeline.py"
    file.write_text(next(block for block in blocks if "@mw.pipeline" in block), encoding="utf-8")
    graph = load_pipeline(file, None).build(source="activities.csv")
    assert len(graph.nodes) >= 5
