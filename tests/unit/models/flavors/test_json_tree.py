from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.flavors.json_tree import parse_json


def _model() -> dict[str, Any]:
    """As XGBoost 3.2 writes a tree of one split over three columns, names and attributes included."""
    tree = {
        "base_weights": [0.0, -0.5, 0.66], "categories": [], "categories_nodes": [], "categories_segments": [],
        "categories_sizes": [], "default_left": [0, 0, 0], "id": 0, "left_children": [1, -1, -1],
        "loss_changes": [291.8, 0.0, 0.0], "parents": [2147483647, 0, 0], "right_children": [2, -1, -1],
        "split_conditions": [0.0022, -0.5, 0.66], "split_indices": [0, 0, 0], "split_type": [0, 0, 0],
        "sum_hessian": [73.9, 41.3, 32.5],
        "tree_param": {"num_deleted": "0", "num_feature": "3", "num_nodes": "3", "size_leaf_vector": "1"},
    }  # fmt: skip
    return {
        "learner": {
            "attributes": {"note": "x"},
            "feature_names": ["a", "b", "c"],
            "feature_types": [],
            "gradient_booster": {
                "model": {
                    "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
                    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
                    "iteration_indptr": [0, 1],
                    "tree_info": [0],
                    "trees": [tree],
                },
                "name": "gbtree",
            },
            "learner_model_param": {
                "base_score": "[4.4E-1]", "boost_from_average": "1", "num_class": "0", "num_feature": "3",
                "num_target": "1",
            },
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
        },
        "version": [3, 2, 0],
    }  # fmt: skip


def test_model_is_read_and_written_anew_without_what_only_training_needs() -> None:
    model = parse_json(json.dumps(_model()).encode())

    assert (model.columns, model.classes) == (3, 2)
    assert parse_json(model.to_bytes()) == model
    assert b"note" not in model.to_bytes()
    assert json.loads(model.to_bytes())["learner"]["gradient_booster"]["model"]["trees"][0]["parents"] == [
        2147483647, 0, 0,
    ]  # fmt: skip


_TREE = ("learner", "gradient_booster", "model", "trees", 0)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((*_TREE, "left_children"), [99, -1, -1], "a child outside its tree"),
        ((*_TREE, "left_children"), [0, -1, -1], "a child outside its tree"),
        ((*_TREE, "right_children"), [1, -1, -1], "two branches with one child"),
        ((*_TREE, "right_children"), [2, 2, -1], "a leaf with a child"),
        ((*_TREE, "right_children"), [2.5, -1, -1], "no whole number"),
        ((*_TREE, "split_indices"), [3, 0, 0], "a column outside 0 … 2"),
        ((*_TREE, "split_indices"), [0, 0], "3 nodes announced"),
        ((*_TREE, "split_conditions"), [0.0, 1.0, float("nan")], "no finite number"),
        ((*_TREE, "split_conditions"), "AAAA", "no finite number"),
        ((*_TREE, "default_left"), [7, 0, 0], "neither left nor right"),
        ((*_TREE, "split_type"), [1, 0, 0], "categorical splits"),
        ((*_TREE, "tree_param", "num_nodes"), "4000000000", "nodes announced"),
        ((*_TREE, "tree_param", "size_leaf_vector"), "3", "several targets"),
        ((*_TREE[:3], "tree_info"), [5], "a class that is not there"),
        ((*_TREE[:3], "iteration_indptr"), [0, 9], "rounds that don't add up"),
        (("learner", "gradient_booster", "name"), "gblinear", "'gbtree'"),
        (("learner", "objective", "name"), "custom", "an objective among"),
        (("learner", "objective", "reg_loss_param"), {"scale_pos_weight": "../x"}, "where a number should be"),
        (("learner", "learner_model_param", "num_class"), "3", "cannot have 3 classes"),
        (("learner", "learner_model_param", "num_target"), "2", "one target"),
        (("learner", "learner_model_param", "base_score"), "zero", "where a number should be"),
    ],
)
def test_model_that_would_lead_xgboost_astray_is_refused(place: tuple[Any, ...], value: Any, message: str) -> None:
    crafted = copy.deepcopy(_model())
    node: Any = crafted
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value

    with pytest.raises(InvalidInputError, match=message):
        parse_json(json.dumps(crafted).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"learner": 3}', b"[" * 100_000])
def test_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="XGBoost"):
        parse_json(data)
