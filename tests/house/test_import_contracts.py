"""The import contracts catch what they are for, and forget no room."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from house.source import PACKAGE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = ROOT / "importlinter.toml"
CONTRACTS = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
TARGETS = (
    *("docker", "kubernetes", "kserve", "ray_serve"),
    *("kubeflow", "airflow", "sagemaker", "azureml", "vertex"),
)

# Contract → (module of the skeleton, what is planted there).
BREACHES = {
    "rooms are layers, and every room is listed": ("data", "def late():\n    import millwright.models"),
    "no cycles between siblings at any depth": ("core.first", "from millwright.core import second"),
    "backends are independent of one another": ("storage.backends.sql", "import millwright.storage.backends.files"),
    "export targets are independent of one another": ("exports.airflow", "import millwright.exports.kubeflow"),
    "what watches Millwright does not know what else does": (
        "exports.monitoring.grafana",
        "import millwright.exports.monitoring.prometheus",
    ),
    "deployment modes are independent of one another": ("deployment.stream", "import millwright.deployment.batch"),
    "only the storage catalog opens a backend": ("workspace", "import millwright.storage.backends.sql"),
    "conformance suites are never imported by the product": ("storage.catalog", "import millwright.testing"),
    "core is standard library only": ("core.first", "import numpy"),
    "database drivers stay inside storage": (
        "registry",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sqlalchemy",
    ),
    "web frameworks and servers stay in server and realtime serving": ("deployment.batch", "import uvicorn"),
}


def _rooms() -> list[str]:
    layers = next(contract["layers"] for contract in CONTRACTS if contract.get("exhaustive"))
    return [room.strip("() ") for layer in layers for room in layer.split("|")]


def _skeleton(folder: Path) -> Path:
    """A package of empty modules with every room of the contracts, those to come included."""
    names = [
        *_rooms(),
        "testing",
        *("core.first", "core.second", "storage.base", "storage.catalog"),
        *("storage.backends", "storage.backends.sql", "storage.backends.files"),
        *(f"deployment.{mode}" for mode in ("batch", "realtime", "traffic", "stream", "edge")),
        *(f"exports.{target}" for target in TARGETS),
        *("exports.monitoring", "exports.monitoring.prometheus", "exports.monitoring.grafana"),
    ]
    for name in ["", *names]:
        file = folder.joinpath("millwright", *name.split("."), "__init__.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (folder / "millwright/core/second/__init__.py").write_text("import millwright.core.first\n")
    (folder / "millwright/storage/catalog/__init__.py").write_text("import millwright.storage.backends.sql\n")
    return folder


def _lint(folder: Path) -> str:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    result = subprocess.run(
        [*command, "--config", CONFIG, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr


def test_contracts_hold_for_a_package_without_breaches(tmp_path: Path) -> None:
    assert f"{len(CONTRACTS)} kept, 0 broken" in _lint(_skeleton(tmp_path))


def test_contracts_hold_while_rooms_to_come_are_absent(tmp_path: Path) -> None:
    _skeleton(tmp_path)
    later = [f"exports/{target}" for target in TARGETS[4:]]
    for absent in (*later, "deployment/stream", "deployment/edge"):
        for file in sorted((tmp_path / "millwright" / absent).rglob("*.py"), reverse=True):
            file.unlink()
    assert f"{len(CONTRACTS)} kept, 0 broken" in _lint(tmp_path)


@pytest.mark.parametrize("contract", [contract["name"] for contract in CONTRACTS])
def test_contract_is_broken_when_its_breach_is_planted(contract: str, tmp_path: Path) -> None:
    module, planted = BREACHES[contract]
    file = _skeleton(tmp_path).joinpath("millwright", *module.split("."), "__init__.py")
    file.write_text(f"{file.read_text()}{planted}\n")
    assert f"{contract} BROKEN" in _lint(tmp_path)


def test_room_that_no_layer_names_breaks_the_layers(tmp_path: Path) -> None:
    (_skeleton(tmp_path) / "millwright/novelty").mkdir()
    (tmp_path / "millwright/novelty/__init__.py").touch()
    assert "every room is listed BROKEN" in _lint(tmp_path)


def test_contracts_ignore_no_import() -> None:
    assert not [contract["name"] for contract in CONTRACTS if "ignore_imports" in contract]


@pytest.mark.parametrize(
    ("contract", "free"),
    [
        ("database drivers stay inside storage", {"storage", "testing", "version"}),
        (
            "web frameworks and servers stay in server and realtime serving",
            {"server", "deployment", "testing", "version"},
        ),
    ],
)
def test_contract_on_libraries_lists_every_room_there_is(contract: str, free: set[str]) -> None:
    sources = next(entry["source_modules"] for entry in CONTRACTS if entry["name"] == contract)
    listed = {source.split(".")[1] for source in sources}
    assert set(_packages(PACKAGE)) - free <= listed


def test_contract_on_web_frameworks_lists_every_deployment_mode_but_realtime() -> None:
    sources = next(entry["source_modules"] for entry in CONTRACTS if entry["name"].startswith("web frameworks"))
    modes = {f"millwright.deployment.{mode}" for mode in _packages(PACKAGE / "deployment")}
    assert modes - {"millwright.deployment.realtime"} <= set(sources)


def _packages(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.glob("*/__init__.py")]
