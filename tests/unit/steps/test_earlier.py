from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.models.package import pack, unpack
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


@pytest.fixture(scope="module")
def guide():
    """The steps of the guide's example, which go on from an earlier model with each library's own means."""
    file = Path(__file__).parents[3] / "docs" / "examples" / "continue_training.py"
    spec = importlib.util.spec_from_file_location("continue_training_of_the_guide", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def deliveries(shift: int) -> pl.DataFrame:
    days, crew = [5 + (row + shift) * 37 % 80 for row in range(400)], [1 + row % 8 for row in range(400)]
    late = [one / other > 9 for one, other in zip(days, crew, strict=True)]
    return pl.DataFrame({"planned_days": days, "crew": crew, "late": late})


def taught_on(fit) -> tuple:
    """The libraries' own objects of a first training, of one that went on from its package, and of one from nothing."""
    package = pack(fit(deliveries(0), None))  # what a registered version holds
    on = fit(deliveries(3), unpack(package))
    return unpack(package).native(), on.native(), fit(deliveries(3), None).native()


def test_lightgbm_keeps_the_earlier_trees_and_adds_to_them(guide):
    first, on, anew = taught_on(guide.fit_lightgbm)
    trees = [model.trees_to_dataframe() for model in (first, on, anew)]
    leaves = [each.filter(items=["tree_index", "node_index", "value"]) for each in trees]
    assert [model.num_trees() for model in (first, on, anew)] == [20, 40, 20]
    assert leaves[1][leaves[1].tree_index < 20].equals(leaves[0])
    assert not leaves[1][leaves[1].tree_index < 20].equals(leaves[2])


def test_xgboost_keeps_the_earlier_trees_and_adds_to_them(guide):
    first, on, anew = taught_on(guide.fit_xgboost)
    assert [model.num_boosted_rounds() for model in (first, on, anew)] == [20, 40, 20]
    kept = on[:20].get_dump(with_stats=True)
    assert kept == first.get_dump(with_stats=True)
    assert kept != anew.get_dump(with_stats=True)


def test_scikit_learn_with_warm_start_keeps_the_earlier_trees_and_adds_to_them(guide):
    first, on, anew = taught_on(guide.fit_sklearn)
    assert [len(model.estimators_) for model in (first, on, anew)] == [20, 40, 20]
    for kept, earlier in zip(on.estimators_, first.estimators_, strict=False):
        assert np.array_equal(kept.tree_.threshold, earlier.tree_.threshold)
    assert not np.array_equal(on.estimators_[0].tree_.threshold, anew.estimators_[0].tree_.threshold)


def test_scikit_learn_with_partial_fit_goes_on_as_without_the_package_between(guide):
    first, on, anew = taught_on(guide.fit_partial)
    rows = deliveries(3)
    straight = guide.fit_partial(deliveries(0), None).native()
    straight[-1].partial_fit(straight[:-1].transform(rows.drop("late").to_numpy()), rows["late"].to_numpy())
    assert on[-1].t_ == first[-1].t_ + rows.height  # one step of the solver for each row more
    assert np.array_equal(on[-1].coef_, straight[-1].coef_)
    assert not np.array_equal(on[-1].coef_, anew[-1].coef_)


def test_pytorch_goes_on_from_the_earlier_weights(guide):
    torch = pytest.importorskip("torch", reason="needs torch")
    first, on, anew = taught_on(guide.fit_torch)
    seen = [int(weights["0.num_batches_tracked"]) for weights in (first, on, anew)]
    assert seen == [100, 200, 100]  # the example takes a hundred steps
    rows = torch.tensor(deliveries(3).drop("late").to_numpy(), dtype=torch.float32)
    late = torch.tensor(deliveries(3)["late"].to_numpy(), dtype=torch.float32)

    def loss(weights: dict) -> float:
        layers = torch.nn.Sequential(
            torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1), torch.nn.Sigmoid()
        )
        layers.load_state_dict(weights)
        return torch.nn.functional.binary_cross_entropy(layers.eval()(rows)[:, 0], late).item()

    assert loss(on) < loss(first)
    assert loss(on) < loss(anew)  # which begins at random weights and has half the steps
