from __future__ import annotations

import polars as pl

from millwright.monitoring.statistics.categorical import CategoricalColumn


def categorical(reference: list, current: list, levels: int = 50) -> CategoricalColumn:
    return CategoricalColumn(pl.Series(reference), pl.Series(current), levels=levels)


def test_bins_keep_the_frequent_values_apart_and_the_rest_together():
    cells = categorical(["a"] * 3 + ["b"] * 2 + ["c", "d"], ["c", "d", "a"], levels=2).bins
    assert cells.labels == ("a", "b", "<other>", "<new>", "<missing>")
    assert cells.reference.tolist() == [3, 2, 2, 0, 0]
    assert cells.current.tolist() == [1, 0, 2, 0, 0]


def test_bins_count_unseen_values_and_nulls_in_cells_of_their_own():
    cells = categorical(["a", None], ["x", "y", "y", None, None, "a"]).bins
    assert cells.reference.tolist() == [1, 0, 0, 1]
    assert cells.current.tolist() == [1, 0, 3, 2]


def test_unseen_lists_new_values_most_frequent_first():
    assert categorical(["a"], ["x", "y", "y", "a"]).unseen == {"y": 2, "x": 1}


def test_bins_take_an_empty_text_for_a_category():
    assert categorical([""], [""]).bins.reference.tolist() == [1, 0, 0, 0]


def test_bins_compare_values_as_text_when_the_types_differ():
    column = CategoricalColumn(pl.Series([1, 2]), pl.Series(["1", "3"]))
    assert column.bins.current.tolist() == [1, 0, 0, 1, 0]


def test_bins_stand_without_values_when_everything_is_null():
    column = CategoricalColumn(pl.Series([None], dtype=pl.String), pl.Series(["a"]))
    assert column.bins.labels == ("<other>", "<new>", "<missing>")
    assert column.bins.current.tolist() == [0, 1, 0]


def test_test_counts_treat_both_samples_alike():
    forth, back = categorical(["a", "b", "b", None], ["b", "c"]), categorical(["b", "c"], ["a", "b", "b", None])
    assert [side.tolist() for side in forth.test_counts] == [[2, 1, 0, 0, 1], [1, 0, 1, 0, 0]]
    assert [side.tolist() for side in back.test_counts] == [side.tolist() for side in forth.test_counts][::-1]


def test_test_counts_put_the_rarest_values_of_both_together():
    column = categorical(["a"] * 5 + ["b"], ["c"] * 3 + ["d"], levels=2)
    assert [side.tolist() for side in column.test_counts] == [[5, 0, 1, 0], [0, 3, 1, 0]]
