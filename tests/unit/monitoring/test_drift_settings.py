from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.monitoring.drift_settings import DEFAULT_THRESHOLDS, DriftSettings
from millwright.monitoring.statistics import ColumnKind
from millwright.monitoring.threshold import ThresholdSettings


def test_limit_of_a_column_goes_before_that_of_its_statistic_and_that_before_the_default():
    settings = DriftSettings(thresholds={"psi": 0.5}, columns={"days": 0.7})
    assert settings.limit_for("days", ColumnKind.NUMERIC) == 0.7
    assert settings.limit_for("budget", ColumnKind.NUMERIC) == 0.5
    assert settings.limit_for("phase", ColumnKind.CATEGORICAL) == DEFAULT_THRESHOLDS["jensen_shannon"]


def test_each_kind_of_column_has_its_deciding_statistic():
    settings = DriftSettings(numeric="wasserstein", categorical="hellinger")
    assert settings.statistic_for(ColumnKind.NUMERIC) == "wasserstein"
    assert settings.statistic_for(ColumnKind.CATEGORICAL) == "hellinger"


@pytest.mark.parametrize("wrong", [{"numeric": "chi_square"}, {"categorical": "wasserstein"}, {"numeric": "pis"}])
def test_statistic_that_cannot_decide_about_a_kind_is_refused_with_those_that_can(wrong: dict):
    with pytest.raises(InvalidInputError, match="statistic that can decide") as caught:
        DriftSettings(**wrong)
    assert "psi" in (caught.value.hint or "")


@pytest.mark.parametrize("limit", [0.0, -0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("place", ["thresholds", "columns"])
def test_limit_that_nothing_can_exceed_or_everything_does_is_refused(place: str, limit: float):
    with pytest.raises(InvalidInputError, match="above 0 for 'psi'"):
        DriftSettings(**{place: {"psi": limit}})


def test_threshold_of_an_unknown_statistic_is_refused():
    with pytest.raises(MillwrightError, match="pis"):
        DriftSettings(thresholds={"pis": 0.1})


def test_column_has_a_limit_or_a_rule():
    with pytest.raises(InvalidInputError, match="a limit or a rule for the column 'days', found both"):
        DriftSettings(columns={"days": 0.2}, rules={"days": ThresholdSettings()})
