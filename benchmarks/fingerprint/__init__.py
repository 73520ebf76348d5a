"""Which source edits make a step run again: ours beside ZenML, Prefect, joblib, Hamilton and DVC.

Needs interpreters with `zenml[local]`, `prefect`, `joblib`, `sf-hamilton` and `dvc` in `ZENML_PYTHON`,
`PREFECT_PYTHON`, `JOBLIB_PYTHON`, `HAMILTON_PYTHON` and `DVC_PYTHON`.

One project holds a step for each edit. Each tool runs it as it is, once more as it is (nothing may run then) and
edited; a step writes down itself that it ran. What an edit calls for is not our word: the steps' results are computed
by plain calls before and after, and differ for the meaningful ones only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fingerprint.mistakes import rows
from benchmarks.fingerprint.oracle import contradictions
from benchmarks.fingerprint.project import environment, write
from benchmarks.fingerprint.table import EDITS, GROUPS

if TYPE_CHECKING:
    from benchmarks.fingerprint.mistakes import Mistakes


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A tool.

    Attributes:
        python: The variable that names its interpreter; empty for this one.
        driver: Its file in `drivers`.
        package: Whose version is shown.
        told: More variables for its process.
    """

    python: str
    driver: str
    package: str
    told: Mapping[str, str] = field(default_factory=dict)


TOOLS = {
    "Millwright": Tool(python="", driver="ours", package="millwright"),
    "ZenML": Tool(python="ZENML_PYTHON", driver="zenml_driver", package="zenml"),
    "Prefect": Tool(python="PREFECT_PYTHON", driver="prefect_driver", package="prefect"),
    "joblib": Tool(python="JOBLIB_PYTHON", driver="joblib_driver", package="joblib"),
    "Hamilton": Tool(python="HAMILTON_PYTHON", driver="hamilton_driver", package="sf-hamilton"),
    "DVC, script": Tool(python="DVC_PYTHON", driver="dvc_driver", package="dvc", told={"DVC_DEPENDS": "script"}),
    "DVC, folder": Tool(python="DVC_PYTHON", driver="dvc_driver", package="dvc", told={"DVC_DEPENDS": "folder"}),
}


def run() -> list[Mistakes]:
    """Let every tool judge every edit."""
    ran = {}
    with tempfile.TemporaryDirectory(prefix="millwright-bench-") as folder:
        assert not (found := contradictions(EDITS, Path(folder, "oracle"))), found
        for name, tool in TOOLS.items():
            python = _python(tool.python)
            print(f"  {name}: {tool.package} {_version(python, tool.package)}", flush=True)
            ran[name] = _judge(name, tool, python, Path(folder, tool.driver + "".join(tool.told.values())))
    return rows(GROUPS, ran)


def versions() -> list[str]:
    """Of the tools."""
    return list(
        dict.fromkeys(f"{tool.package} {_version(_python(tool.python), tool.package)}" for tool in TOOLS.values())
    )


def _judge(name: str, tool: Tool, python: str, folder: Path) -> set[str]:
    """The slugs of the steps that a tool runs after the edits."""
    slugs = [edit.slug for edit in EDITS]
    (folder / "home").mkdir(parents=True)
    script = Path(__file__).with_name("drivers") / f"{tool.driver}.py"
    told = []
    for edited in (False, False, True):
        project, ran = folder / "project", folder / "ran"
        write(project, EDITS, edited=edited)
        ran.write_text("")
        command = [python, str(script), str(project), str(folder / "home"), *slugs]
        variables = environment(project, ran) | tool.told
        done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
        told.append(set(ran.read_text().split()))
    first, again, after = told
    assert first == set(slugs), f"{name} did not run {sorted(set(slugs) - first)}"
    assert not again, f"{name} ran again, unedited: {sorted(again)}"
    return after


def _python(variable: str) -> str:
    found = os.environ.get(variable, "") if variable else sys.executable
    if not found:
        sys.exit(f"Set {variable} to the interpreter of an environment with that peer; see benchmarks/README.md.")
    return found


def _version(python: str, package: str) -> str:
    code = f"import importlib.metadata, json; print(json.dumps(importlib.metadata.version({package!r})))"
    found = json.loads(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)
    return str(found)
