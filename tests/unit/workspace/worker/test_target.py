from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.workspace.worker.target import launch_target


def target(workspace, text="pipeline.py", params=None, **more):
    return launch_target(text, params or {}, artifacts=workspace.stores.artifacts, **more)


@pytest.mark.parametrize("text", ["pipeline.py", "pipeline.py:worked", ".", "./pipeline.py:worked"])
def test_target_names_whole_paths(workspace, tmp_path, text):
    made = target(workspace, text, {"number": "3"}, priority=4)
    assert made.pipeline == f"{tmp_path / 'pipeline.py'}:worked"
    assert (made.name, made.project_dir, made.params, made.priority) == ("worked", str(tmp_path), {"number": "3"}, 4)


def test_code_is_kept_with_the_target(workspace):
    code = target(workspace).code
    assert code is not None
    assert workspace.stores.artifacts.exists(code.snapshot)


def test_what_is_wrong_is_told_at_once(workspace):
    with pytest.raises(InvalidInputError, match="no parameter 'nmber'"):
        target(workspace, params={"nmber": 1})
    with pytest.raises(InvalidInputError, match="number"):
        target(workspace, params={"number": "many"})
    with pytest.raises(NotFoundError, match=r"pipelin\.py"):
        target(workspace, "pipelin.py")
