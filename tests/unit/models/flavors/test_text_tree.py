from __future__ import annotations

import re

import lightgbm
import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.flavors.text_tree import TextModel, parse_text, single_precision


@pytest.fixture(scope="module")
def text() -> str:
    """Two trees of some leaves over three columns, the last of them categorical."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 3))
    rows[:, 2] = random.integers(0, 12, 400)
    goal = (rows[:, 0] + (rows[:, 2] % 3 == 0) > 0.3).astype(int)
    data = lightgbm.Dataset(rows, goal, categorical_feature=[2])
    params = {"objective": "binary", "num_leaves": 6, "verbose": -1, "num_threads": 1, "min_data_per_group": 5}
    text: str = lightgbm.train(params, data, 2).model_to_string()
    return text


def test_model_written_anew_answers_alike(text: str) -> None:
    rows = np.random.default_rng(1).normal(size=(300, 3)) * 3
    rows[::5, 1] = np.nan
    rows[:, 2] = np.abs(np.round(rows[:, 2]))
    ours = parse_text(text.encode())

    found = lightgbm.Booster(model_str=ours.to_bytes().decode())

    np.testing.assert_array_equal(found.predict(rows), lightgbm.Booster(model_str=text).predict(rows))
    assert parse_text(ours.to_bytes()) == ours
    assert (ours.columns, ours.classes, len(ours.trees)) == (3, 2, 2)


def test_single_precision_answers_float32_rows_alike_also_on_thresholds(text: str) -> None:
    model = parse_text(text.encode())
    thresholds = np.concatenate([[float(word) for word in tree["threshold"].split()] for tree in model.trees])
    near = thresholds.astype(np.float32)
    points = np.concatenate([near, np.nextafter(near, np.float32(9e9)), np.nextafter(near, np.float32(-9e9))])
    rows = np.column_stack([points, points, np.arange(len(points)) % 12]).astype(np.float32)
    rows[::4, 0] = np.nan

    def answers(each: TextModel) -> np.ndarray:
        return np.asarray(lightgbm.Booster(model_str=each.to_bytes().decode()).predict(rows))

    np.testing.assert_array_equal(answers(single_precision(model)), answers(model))


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (r"left_child=\S+", "left_child=99", "a child outside its tree"),
        (r"left_child=\S+", "left_child=0", "a child outside its tree"),
        (r"right_child=\S+", "right_child=-99", "a child outside its tree"),
        (r"split_feature=\S+", "split_feature=3", "a column outside 0 … 2"),
        (r"split_feature=\S+", "split_feature=-1", "a column outside 0 … 2"),
        (r"num_leaves=\d+", "num_leaves=2000000000", "expected 1999999999"),
        (r"num_leaves=\d+", "num_leaves=0", "0 leaves"),
        (r"leaf_value=\S+", "leaf_value=nan", "no number"),
        (r"leaf_value=\S+", "leaf_value=inf", "no finite number"),
        (r"threshold=\S+", "threshold=1_0", "no number"),
        (r"decision_type=\S+", "decision_type=255", "a kind of decision"),
        (r"num_cat=[1-9]\d*", "num_cat=0", "without categories"),
        (r"cat_boundaries=\S+", "cat_boundaries=7", "wrong bounds"),
        (r"cat_threshold=\S+", "cat_threshold=99999999999", "no bit set"),
        ("is_linear=0", "is_linear=1", "linear trees"),
        ("objective=.*", "objective=lambdarank", "an objective among"),
        ("objective=.*", "objective=binary file:/etc/passwd", "an objective among"),
        ("num_class=1", "num_class=7", "cannot have 7 outputs"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2", "trees per iteration"),
        ("max_feature_idx=2", "max_feature_idx=-1", "for 0 columns"),
    ],
)
def test_model_that_would_lead_lightgbm_astray_is_refused(
    text: str, pattern: str, replacement: str, message: str
) -> None:
    crafted, changes = re.subn(pattern, replacement, text, count=1)

    assert changes
    with pytest.raises(InvalidInputError, match=message):
        parse_text(crafted.encode())


def test_sizes_and_parameters_of_the_text_never_reach_lightgbm(text: str) -> None:
    crafted = re.sub(r"tree_sizes=.*", "tree_sizes=999999999 1", text)

    written = parse_text(crafted.encode()).to_bytes()

    assert b"999999999" not in written
    assert b"parameters" not in written


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"tree\n", b"objective=binary\nnum_class=x\nmax_feature_idx=1"])
def test_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="LightGBM"):
        parse_text(data)
