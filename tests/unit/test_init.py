from __future__ import annotations

import subprocess
import sys

import pytest

import millwright as mw


@pytest.mark.parametrize("name", [name for name in mw.__all__ if name != "__version__"])
def test_every_public_name_is_there(name):
    assert getattr(mw, name) is not None
    assert name in dir(mw)


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"no attribute 'stepp'.*pipeline, runs, step, steps, track"):
        _ = mw.stepp


def test_step_outside_a_pipeline_is_the_function():
    @mw.step
    def double(number: int) -> int:
        return 2 * number

    assert double(4) == 8


def test_import_alone_loads_no_library():
    code = "import millwright, sys; print(*{'polars', 'sqlalchemy', 'sklearn', 'pydantic', 'typer'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
