from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from millwright.core.errors import InvalidInputError
from millwright.models.column import ColumnType
from millwright.monitoring.drift import ColumnDrift, compare_columns
from millwright.monitoring.drift_settings import DriftSettings
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.statistics import statistic_names

NUMBER, CATEGORY = MonitoredColumn("n", ColumnType.NUMBER), MonitoredColumn("c", ColumnType.CATEGORY)


def compare_one(column: MonitoredColumn, reference: object, current: object, **settings: object) -> ColumnDrift:
    dtype = pl.Float64 if column is NUMBER else pl.String
    found = compare_columns(
        [column],
        {column: pl.Series(reference, dtype=dtype)},
        {column: pl.Series(current, dtype=dtype)},
        DriftSettings(**settings),  # type: ignore[arg-type]
    )
    return found[0]


def test_drift_is_found_when_the_mean_shifts():
    generator = np.random.default_rng(1)
    found = compare_one(NUMBER, generator.normal(0, 1, 5000), generator.normal(0.8, 1, 500)).record
    assert found.drifted
    assert found.statistic == "psi"
    assert found.scores["psi"] > found.threshold == 0.2
    assert set(found.scores) == set(statistic_names(NUMBER.kind))
    assert found.scores["wasserstein"] == pytest.approx(0.8, abs=0.1)


def test_drift_is_found_when_the_variance_changes():
    generator = np.random.default_rng(1)
    assert compare_one(NUMBER, generator.normal(0, 1, 5000), generator.normal(0, 2.5, 500)).record.drifted


def test_drift_is_found_when_values_go_missing():
    generator = np.random.default_rng(1)
    current = [None if row % 3 == 0 else value for row, value in enumerate(generator.normal(0, 1, 600))]
    assert compare_one(NUMBER, generator.normal(0, 1, 5000), current).record.drifted


def test_drift_is_found_when_a_column_is_all_missing():
    found = compare_one(NUMBER, np.arange(100.0), [None] * 100).record
    assert found.drifted
    assert set(found.scores) == set(statistic_names(NUMBER.kind)) - {"kolmogorov_smirnov", "wasserstein"}


def test_p_values_are_scipys_of_the_distance_shown_and_of_the_share_of_missing_values():
    generator = np.random.default_rng(3)
    reference, current = generator.normal(0, 1, 2_000), generator.normal(0.1, 1, 900)
    lacking = [value if row % 50 else None for row, value in enumerate(reference)]
    now = [value if row % 15 else None for row, value in enumerate(current)]
    found = compare_one(NUMBER, lacking, now).record
    present = [value for value in lacking if value is not None], [value for value in now if value is not None]
    expected = stats.ks_2samp(*present, method="asymp")
    assert found.test == "kolmogorov_smirnov"
    assert found.scores[found.test] == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    counts = [[len(side), side.count(None)] for side in (lacking, now)]
    table = [[rows - missing, missing] for rows, missing in counts]
    assert found.missing_p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert found.joined_p_value == pytest.approx(2 * min(expected.pvalue, found.missing_p_value))
    whole = compare_one(NUMBER, reference, current).record
    assert whole.missing_p_value is None
    assert whole.joined_p_value == whole.p_value


def test_share_of_missing_values_alone_makes_a_column_drift_whose_values_did_not_move():
    values = np.random.default_rng(1).normal(0, 1, 3_000)
    found = compare_one(NUMBER, values, [value if row % 3 else None for row, value in enumerate(values[:900])]).record
    assert found.p_value is not None
    assert found.missing_p_value is not None
    assert found.p_value > 0.05 > found.missing_p_value
    assert found.drifted


def test_drift_is_found_when_categories_swap_and_a_new_one_comes():
    found = compare_one(CATEGORY, ["a"] * 800 + ["b"] * 200, ["a"] * 20 + ["b"] * 60 + ["new"] * 20)
    assert found.record.drifted
    assert found.unseen == {"new": 20}


def test_drift_is_not_found_in_a_shift_that_only_a_million_rows_can_see():
    generator = np.random.default_rng(1)
    found = compare_one(NUMBER, generator.normal(0, 1, 200_000), generator.normal(0.02, 1, 200_000)).record
    assert found.p_value is not None
    assert found.p_value < 1e-6
    assert not found.drifted


def test_drift_is_not_found_in_a_large_score_that_a_small_window_has_by_chance():
    generator = np.random.default_rng(4)
    found = compare_one(NUMBER, generator.normal(0, 1, 5000), generator.normal(0, 1, 25)).record
    assert found.scores["psi"] > 0.2
    assert not found.drifted


def test_drift_is_not_found_when_a_side_has_no_rows():
    found = compare_one(NUMBER, [1.0, 2.0], []).record
    assert found.scores == {}
    assert found.p_value is None
    assert not found.drifted


def test_drift_alarms_falsely_in_few_of_200_windows_of_the_same_population():
    generator = np.random.default_rng(7)
    columns = [MonitoredColumn(f"n{i}", ColumnType.NUMBER) for i in range(4)]
    columns += [MonitoredColumn(f"c{i}", ColumnType.CATEGORY) for i in range(4)]

    def draw(rows: int) -> dict[MonitoredColumn, pl.Series]:
        numbers = {column: pl.Series(generator.lognormal(0, 1, rows).round(1)) for column in columns[:4]}
        levels = {c: pl.Series(generator.geometric(0.1, rows)).cast(pl.String) for c in columns[4:]}
        return {**numbers, **levels}

    alarms = 0
    for _ in range(20):
        reference = draw(3000)
        for _ in range(10):
            alarms += any(found.record.drifted for found in compare_columns(columns, reference, draw(120)))
    assert alarms <= 0.06 * 200


def test_drift_uses_the_statistic_and_limit_that_the_settings_name():
    generator = np.random.default_rng(1)
    reference, current = generator.normal(0, 1, 5000), generator.normal(0.8, 1, 500)
    found = compare_one(NUMBER, reference, current, numeric="wasserstein", thresholds={"wasserstein": 2.0}).record
    assert (found.statistic, found.threshold, found.drifted) == ("wasserstein", 2.0, False)
    assert not compare_one(NUMBER, reference, current, columns={"n": 9.0}).record.drifted


def test_settings_refuse_a_statistic_that_cannot_decide():
    with pytest.raises(InvalidInputError, match="Use one of: psi, jensen_shannon"):
        DriftSettings(categorical="chi_square")
    with pytest.raises(InvalidInputError, match="numeric columns, found 'pis'"):
        DriftSettings(numeric="pis")


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_settings_refuse_a_threshold_that_is_no_limit(limit: float):
    with pytest.raises(InvalidInputError, match="finite drift threshold"):
        DriftSettings(thresholds={"psi": limit})


def test_settings_name_the_closest_statistic_when_a_threshold_is_for_none():
    with pytest.raises(InvalidInputError, match="Did you mean 'psi'"):
        DriftSettings(thresholds={"psy": 1})


def test_values_that_seem_personal_are_not_among_the_names_of_bins():
    found = compare_one(CATEGORY, ["ann@x.org"] * 80 + ["bo@x.org"] * 20, ["ann@x.org"] * 60 + ["cy@x.org", None] * 20)
    assert found.record.drifted
    assert found.unseen == {"hidden": 20}
    assert "x.org" not in repr(found)
    assert found.bins.labels[0] == "hidden 1"
    assert found.bins.labels[-1] == "<missing>"
