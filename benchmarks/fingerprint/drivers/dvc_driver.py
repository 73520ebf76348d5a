"""Runs every edit's step as a stage of DVC: `python dvc_driver.py PROJECT HOME SLUG …`.

Twice: a stage may declare its script, or the whole folder. `DVC_DEPENDS` (`script` or `folder`) says which.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

project, home, *slugs = sys.argv[1:]
PERFORM = (
    "import importlib, json, pathlib, sys\n"
    "found = importlib.import_module(sys.argv[1] + '.step').work(3)\n"
    "pathlib.Path(sys.argv[1] + '.json').write_text(json.dumps(found))\n"
)


def main() -> None:
    """`dvc repro` in a copy of the project that keeps what DVC knows."""
    repository = Path(home, "repository")
    is_new = not repository.exists()
    shutil.copytree(project, repository, dirs_exist_ok=True)
    for folder in repository.iterdir():  # what the edit took away is to be gone
        for file in folder.rglob("*") if folder.name.startswith("edit_") else ():
            if file.is_file() and not Path(project, file.relative_to(repository)).exists():
                file.unlink()
    (repository / "perform.py").write_text(PERFORM, encoding="utf-8")
    whole = os.environ["DVC_DEPENDS"] == "folder"
    stages = {
        slug: {
            "cmd": f"{sys.executable} perform.py {slug}",
            "deps": [slug if whole else f"{slug}/step.py"],
            "outs": [f"{slug}.json"],
        }
        for slug in slugs
    }
    (repository / "dvc.yaml").write_text(json.dumps({"stages": stages}), encoding="utf-8")  # JSON is YAML
    # The project as it lies there now is what the stages import.
    paths = os.pathsep.join((str(repository), str(repository / "site-packages")))
    told = {**os.environ, "PYTHONPATH": paths, "DVC_NO_ANALYTICS": "true"}
    if is_new:
        subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=repository, env=told, check=True)
    subprocess.run([sys.executable, "-m", "dvc", "repro", "-q"], cwd=repository, env=told, check=True)


main()
