from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.errors import InvalidInputError
from millwright.workspace.worker.params import ParamsCheck
from millwright.workspace.worker.target import launch_target


def test_parameters_that_a_pipeline_does_not_take_are_refused(workspace):
    target = launch_target("pipeline.py", {}, artifacts=workspace.stores.artifacts)
    check = ParamsCheck(workspace.folder)
    check(replace(target, params={"number": 2, "how": "fail"}))
    with pytest.raises(InvalidInputError, match=r"'worked'.*no parameter 'nmber'.*'number': expected a whole number"):
        check(replace(target, params={"nmber": 1, "number": "two"}))


def test_nothing_is_refused_where_the_code_cannot_be_loaded(workspace, caplog):
    target = launch_target("pipeline.py", {}, artifacts=workspace.stores.artifacts)
    wrong = replace(target, params={"nmber": 1})
    (workspace.folder / "pipeline.py").write_text("import nowhere", encoding="utf-8")
    check = ParamsCheck(workspace.folder)
    check(wrong)
    assert "queued unchecked" in caplog.text
    (workspace.folder / "pipeline.py").unlink()
    check(wrong)
