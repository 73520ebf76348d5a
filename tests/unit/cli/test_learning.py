from __future__ import annotations

import polars as pl
import pytest

from millwright.models.adoption import adopt
from millwright.models.flavors.river import RiverModel
from millwright.registry.packaged import register_model
from millwright.workspace.workspace import Workspace

pytest.importorskip("river")

from river import linear_model

DECLARED = '[learning.visits]\nendpoint = "visits"\nmodel = "visits"\nlimit = 0.6\n'


def test_step_without_a_declaration_says_how_to_make_one(tmp_path, mw):
    answer = mw(tmp_path, "learning", "step")

    assert answer.code == 1
    assert "[learning.NAME]" in answer.err


def test_step_tells_where_each_learner_stands(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text(DECLARED)
    sample = pl.DataFrame({"rain": [1.0, 9.0]})
    with Workspace.open(tmp_path) as workspace:
        model = adopt(RiverModel(linear_model.LogisticRegression(), [False, True]), sample, target="late")
        register_model(model, "visits", sample=sample, registry=workspace.registry, stores=workspace.stores)
        workspace.registry.point("visits", 1, "online", reason="begin")

    told = mw(tmp_path, "learning", "step", "--json").json
    wrong = mw(tmp_path, "learning", "step", "visit")

    assert [(each["name"], each["version"], each["met"], each["is_held"]) for each in told] == [
        ("visits", "visits@1", 0, False)
    ]
    assert (wrong.code, "Did you mean 'visits'?" in wrong.err) == (1, True)
