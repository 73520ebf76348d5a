"""The examples that the guides show run as they are, in an empty folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tiny import forking

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.py"))
# Warnings are errors, in the processes that an example starts, too.
RUN = """
import os, runpy, sys, warnings
warnings.simplefilter("error")
os.environ["PYTHONWARNINGS"] = "error"
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_of_a_guide_runs(example: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "MILLWRIGHT_HOME": str(tmp_path)}
    done = forking.run(["-c", RUN, str(example)], cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
