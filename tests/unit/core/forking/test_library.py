from __future__ import annotations

import subprocess
import sys

import pytest

from millwright.core.forking.library import FORK_SAFE, loaded_libraries
from unit.core.forking.conftest import only_on_linux

# Names of threads that know of forks: the allocator of Arrow ends and begins its own around one.
KNOWN = {"jemalloc_bg_thd"}


def test_libraries_are_those_that_were_loaded_in_their_order():
    pytest.importorskip("yaml")
    found = loaded_libraries()
    assert "yaml" in found
    assert {name.partition(".")[0] for name in found} <= set(FORK_SAFE)
    assert [name for name in sys.modules if name in found] == list(found)
    assert "yaml" not in loaded_libraries(besides=["yaml"])


@only_on_linux
@pytest.mark.parametrize("library", [*FORK_SAFE, "sklearn.linear_model", "scipy.stats"])
def test_library_begins_no_thread_that_a_copy_would_lack(library):
    pytest.importorskip(library.partition(".")[0])
    code = (
        f"import {library}, pathlib, sys\n"
        "print(*(task.read_text().strip() for task in pathlib.Path('/proc/self/task').glob('*/comm')), sep=',')"
    )
    environment = {"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}  # OpenBLAS's end before a fork by themselves
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    threads = told.stdout.strip().split(",")
    assert [each for each in threads if each not in KNOWN] == threads[:1]


def test_processes_of_runs_are_copies_of_one_without_polars():
    code = (
        "import sys, millwright.workspace.worker.child, millwright.workspace.worker.execution\n"
        "print('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
