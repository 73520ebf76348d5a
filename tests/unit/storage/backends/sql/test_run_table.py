from __future__ import annotations

from millwright.storage.backends.sql.run_table import EXPERIMENTS, METRICS, RUN_PARAMS, RUN_TAGS


def test_default_experiment_is_the_first_row() -> None:
    (row,) = EXPERIMENTS.info["first_rows"]()
    assert (row["seq"], row["id"], row["name"], row["lifecycle"]) == (0, "0", "Default", "active")
    assert {column.name for column in EXPERIMENTS.c if not column.nullable} == set(row)


def test_index_of_a_search_has_the_experiment_first_and_the_start_behind_the_value() -> None:
    for table in (METRICS, RUN_PARAMS, RUN_TAGS):
        (columns,) = [[column.name for column in index.columns] for index in table.indexes]
        assert columns[:2] == ["experiment", "key"]
        assert columns[-2:] == ["started_at", "run"]
