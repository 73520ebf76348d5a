from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.steps.earlier import earlier_model


@pytest.mark.parametrize("version", ["late-visit@1", "late-visit@champion", "late-visit"])
def test_model_of_a_version_is_given_with_where_it_came_from(ctx, version):
    model = earlier_model(ctx, version)
    answers = model.predict(pl.read_csv(ctx.project_dir / "visits.csv"))
    assert answers.height == 300
    assert ctx.facts == {"earlier_version": "late-visit@1"}
    (edge,) = ctx.edges
    assert (edge.source_kind, edge.source_id) == (NodeKind.MODEL_VERSION, "late-visit@1")
    assert (edge.target_kind, edge.target_id) == (NodeKind.STEP_RUN, ctx.step_run_id)


def test_training_from_nothing_has_no_earlier_model(ctx):
    assert earlier_model(ctx) is None
    assert (ctx.facts, ctx.edges) == ({}, [])


def test_version_that_there_is_not_is_told(ctx):
    with pytest.raises(NotFoundError, match="'late-visit' has no version 9"):
        earlier_model(ctx, "late-visit@9")
