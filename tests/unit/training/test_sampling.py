from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from millwright.training.sampling import choose_rows


@given(total=st.integers(1, 400), count=st.integers(10, 500), seed=st.integers(0, 5), classes=st.integers(1, 6))
def test_chosen_rows_are_distinct_ascending_and_keep_every_class(
    total: int, count: int, seed: int, classes: int
) -> None:
    codes = np.random.default_rng(seed).integers(0, classes, total)
    rows = choose_rows(count, seed=seed, classes=codes, total=total)

    assert np.all(np.diff(rows) > 0)
    assert len(rows) <= count + 3 * classes
    assert set(codes[rows]) == set(codes)
    if total <= count:
        assert len(rows) == total


def test_class_shares_are_kept() -> None:
    codes = np.repeat([0, 1], [900, 100])

    assert codes[choose_rows(200, seed=1, classes=codes, total=1_000)].sum() == 20


@given(seed=st.integers(0, 20), count=st.integers(1, 60))
def test_groups_are_taken_whole(seed: int, count: int) -> None:
    groups = np.random.default_rng(seed).integers(0, 12, 80)
    rows = choose_rows(count, seed=seed, groups=groups, total=80)
    taken = set(groups[rows])

    assert taken
    assert taken.isdisjoint(np.delete(groups, rows))


def test_same_seed_gives_the_same_rows() -> None:
    np.testing.assert_array_equal(choose_rows(10, seed=3, total=100), choose_rows(10, seed=3, total=100))
    assert not np.array_equal(choose_rows(10, seed=3, total=100), choose_rows(10, seed=4, total=100))
