from __future__ import annotations

import subprocess
import sys

import pytest

from millwright import steps
from millwright.pipelines.step import Step


@pytest.mark.parametrize("name", steps.__all__)
def test_every_built_in_step_is_a_step_of_its_name(name):
    found = getattr(steps, name)
    assert isinstance(found, Step)
    assert found.name == name


def test_unknown_step_names_the_known_ones():
    with pytest.raises(AttributeError, match="no built-in step 'tunes'; there are check_gates, check_leakage, deploy"):
        steps.tunes  # noqa: B018 (looking it up is what fails)


def test_importing_the_room_imports_no_step():
    code = "import sys, millwright.steps; print([m for m in sys.modules if m.startswith('millwright.steps.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
