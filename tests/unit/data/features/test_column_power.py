from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from millwright.data.features.column_power import TargetKind, column_power, target_kind

RNG = np.random.default_rng(7)
N = 400
BINARY = pl.Series("y", RNG.integers(0, 2, N))
CLASSES = pl.Series("y", np.array(["u", "v", "w"])[RNG.integers(0, 3, N)])
NUMBER = pl.Series("y", RNG.normal(size=N))


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        (["a", "b"], TargetKind.BINARY),
        ([True, False], TargetKind.BINARY),
        ([0.0, 1.0], TargetKind.BINARY),
        (["a", "b", "c"], TargetKind.CLASSES),
        (list(range(20)), TargetKind.CLASSES),
        (list(range(21)), TargetKind.NUMBER),
        ([0.5, 1.5, 2.5], TargetKind.NUMBER),
        ([date(2024, 1, 1) + timedelta(days=n) for n in range(3)], TargetKind.NUMBER),
        ([str(n) for n in range(21)], None),
        (["a", "a"], None),
        ([[1], [2]], None),
    ],
)
def test_target_is_of_the_kind_its_values_say(target: list[object], kind: TargetKind | None) -> None:
    assert target_kind(pl.Series(target)) is kind


def test_auc_of_numbers_is_that_of_scikit_learn_with_ties_and_gaps() -> None:
    x = np.round(RNG.normal(size=N) + 0.7 * BINARY.to_numpy(), 1)
    x[:50] = np.nan
    expected = roc_auc_score(BINARY.to_numpy()[50:], x[50:])
    assert column_power(pl.Series(x), BINARY, TargetKind.BINARY).score == pytest.approx(expected)
    assert column_power(pl.Series(-x), BINARY, TargetKind.BINARY).score == pytest.approx(expected)


def test_correlation_of_numbers_is_that_of_scipy() -> None:
    x = NUMBER.to_numpy() ** 3 + RNG.normal(size=N)
    expected = spearmanr(x, NUMBER.to_numpy()).statistic
    assert column_power(pl.Series(-x), NUMBER, TargetKind.NUMBER).score == pytest.approx(expected)


def test_words_that_name_the_target_tell_it() -> None:
    words = pl.Series(["late" if y else "fine" for y in BINARY])
    assert column_power(words, BINARY, TargetKind.BINARY).score == 1
    assert column_power(CLASSES.str.to_uppercase(), CLASSES, TargetKind.CLASSES).score == 1
    assert column_power(NUMBER.round(0).cast(pl.String), NUMBER, TargetKind.NUMBER).score > 0.9


def test_words_that_never_repeat_tell_nothing() -> None:
    words = pl.Series([f"id-{number}" for number in range(N)])
    assert column_power(words, BINARY, TargetKind.BINARY).score < 0.6
    assert column_power(words, CLASSES, TargetKind.CLASSES).gain < 0.1
    assert column_power(words, NUMBER, TargetKind.NUMBER).score < 0.2


def test_words_with_a_word_for_missing_count_it() -> None:
    words = pl.Series([None if y else "x" for y in BINARY], dtype=pl.String)
    assert column_power(words, BINARY, TargetKind.BINARY).score == 1


def test_numbers_tell_classes_by_their_ranges() -> None:
    x = CLASSES.replace_strict({"u": 0.0, "v": 5.0, "w": 10.0}) + pl.Series(RNG.normal(size=N))
    power = column_power(x, CLASSES, TargetKind.CLASSES)
    assert 0.9 < power.score < 1
    assert 0.8 < power.gain < 1


def test_gain_is_nothing_where_one_class_is_nearly_all() -> None:
    y = pl.Series([1] * 396 + [2, 2, 3, 3])
    power = column_power(pl.Series(RNG.normal(size=N)), y, TargetKind.CLASSES)
    assert power.score > 0.95
    assert power.gain == 0


@pytest.mark.parametrize("column", [pl.Series([1.0] * N), pl.Series([None] * N, dtype=pl.Float64)])
def test_column_without_variety_tells_nothing(column: pl.Series) -> None:
    assert column_power(column, BINARY, TargetKind.BINARY).score == 0
    assert column_power(column, NUMBER, TargetKind.NUMBER).score == 0
