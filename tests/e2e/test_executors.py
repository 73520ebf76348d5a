"""The flagship's pipeline inline, in processes and on Ray: the same results, the same keys."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from e2e.workplace import Workplace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# Gates measure how long a model takes, and so what is made of them differs from run to run.
TIMED = {"check_gates", "register", "deploy"}


def run(folder: Path, executor: str) -> dict[str, Any]:
    """The steps of a run in a workspace of its own, by name."""
    folder.mkdir()
    place = Workplace(folder)
    place.write_project()
    found = place.mw("run", "pipeline.py", "--source", "programme.csv", "--executor", executor, "--json").json
    assert {step["executor"] for step in found["steps"]} == {executor}
    return {step["step"]: step for step in found["steps"]}


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("executors") / "inline", "inline")


@pytest.mark.parametrize(
    "executor",
    [
        "processes",
        pytest.param(
            "ray", marks=pytest.mark.skipif(find_spec("ray") is None, reason="Ray: pip install 'millwright[ray]'")
        ),
    ],
)
def test_results_and_keys_are_those_of_the_inline_run(inline: dict[str, Any], tmp_path: Path, executor: str) -> None:
    found = run(tmp_path / executor, executor)
    assert list(found) != []
    assert found.keys() == inline.keys()
    for name in found.keys() - TIMED:
        assert found[name]["cache_key"] == inline[name]["cache_key"], name
        digests = [[output["digest"] for output in step[name]["outputs"]] for step in (found, inline)]
        assert digests[0] == digests[1], name
    assert {step["status"] for step in found.values()} == {"completed"}
