"""What must not be in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from house.source import ROOT, hold, modules

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_BYTES = 1_000_000
UNSAFE_IMPORTS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
# The one module that pickles, for workspaces that say `allow_pickle = true` (docs/explanation/security.md), and the one
# that imports it, inside a function.
PICKLING, PICKLING_IMPORTER = "millwright.pipelines.serializers.pickled", "millwright.pipelines.serializers.catalog"
# A home, a mount or a temporary folder of the machine that something was written on.
MACHINE_PATH = re.compile(r"(?<![\w.~/<>{}:-])/(?:home|root|Users|work|workspace|mnt|private)/[\w.-]+")
ADDRESS = re.compile(r"https?://|file:|--(?:extra-)?index-url|--find-links|--trusted-host")


@cache
def _tracked() -> tuple[Path, ...]:
    """Files under version control; in an export without it, none are known."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def test_file_is_smaller_than_one_megabyte() -> None:
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in _tracked()}
    hold("file size", {name: f"{size} bytes" for name, size in sizes.items() if size > LARGEST_BYTES})


def test_product_never_imports_an_unsafe_serializer() -> None:
    breaches = {}
    for module in modules():
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            for name in names:
                if name.partition(".")[0] in UNSAFE_IMPORTS and (module.name, name) != (PICKLING, "pickle"):
                    breaches[module.name] = f"imports {name}"
                if name == PICKLING and (module.name != PICKLING_IMPORTER or node in module.tree.body):
                    breaches[module.name] = f"imports {name}"
    hold("unsafe serializers", breaches)


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_lock_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not ADDRESS.search(text)
    packages = re.findall(r"^[\w.-]+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)*", text, flags=re.MULTILINE)
    assert len(packages) > 30
    assert all("--hash=sha256:" in package for package in packages)


def test_developers_lock_holds_the_runtime_lock() -> None:
    locked = {name: _pins(ROOT / "locks" / f"{name}.txt") for name in ("runtime", "dev")}
    assert locked["runtime"] <= locked["dev"]


def _pins(path: Path) -> set[str]:
    """Names and versions, without the conditions (the platforms that need a package differ between the two)."""
    return set(re.findall(r"^[\w.-]+==[\w.+!-]+", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_text_names_no_path_of_a_machine() -> None:
    breaches = {}
    for path in _tracked():
        if path.suffix in {".txt", ".lock", ".png", ".ico", ".zip", ".parquet", ".db"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), start=1):
            if found := MACHINE_PATH.search(line):
                breaches[f"{path.relative_to(ROOT)}:{number}"] = found[0]
    hold("machine paths", breaches)


def test_product_holds_no_unfinished_mark() -> None:
    mark = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\([\w-]+, #?\d+\))")
    breaches = {}
    for module in modules():
        for number, line in enumerate(module.text.splitlines(), start=1):
            if found := mark.search(line):
                breaches[f"{module.name}:{number}"] = f"{found[0]} without (owner, issue)"
    hold("unfinished", breaches)
