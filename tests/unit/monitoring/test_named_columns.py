from __future__ import annotations

from typing import Any

from millwright.monitoring import DriftSettings, MonitorSettings
from millwright.monitoring.bias import BiasSettings
from millwright.monitoring.named_columns import unknown_columns
from millwright.monitoring.slice_performance import SliceSettings
from millwright.monitoring.threshold import Season, SeasonSettings, ThresholdSettings


def test_all_columns_that_the_model_does_not_have_are_told_with_the_nearest(model: Any) -> None:
    settings = MonitorSettings(
        drift=DriftSettings(columns={"dayz": 0.5, "days": 0.5}, rules={"phasse": ThresholdSettings()}),
        slices=SliceSettings(columns=("phaze", "phase")),
        bias=BiasSettings(groups=("fase",)),
        season=SeasonSettings(season=Season.HOUR_OF_DAY, column="sen", without=frozenset({"dayz", "probability"})),
    )
    found = unknown_columns(settings, model.signature, times=["seen"])
    assert [sentence.partition(". ")[0] for sentence in found] == [
        "Limits are set for the column 'dayz', which is none of the model's",
        "Limits are set for the column 'phasse', which is none of the model's",
        "The model takes no column 'phaze' to slice by",
        "The model takes no column 'fase' to group by",
        "The reference has no date 'sen' to tell the season by (season_column)",
    ]
    assert "'days'" in found[0]
    assert all("'phase'" in sentence for sentence in found[1:4])
    assert "'seen'" in found[4]


def test_columns_that_are_there_are_not_told(model: Any) -> None:
    settings = MonitorSettings(
        drift=DriftSettings(columns={"days": 0.5, "prediction": 0.5}),
        slices=SliceSettings(columns=("phase",)),
        season=SeasonSettings(season=Season.HOUR_OF_DAY, column="anything"),
    )
    assert unknown_columns(settings, model.signature) == []
    assert unknown_columns(settings, model.signature, times=[]) == [
        "The reference has no date 'anything' to tell the season by (season_column). There is none."
    ]
