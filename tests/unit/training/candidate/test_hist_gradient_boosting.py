from __future__ import annotations

from millwright.training.candidate import hist_gradient_boosting
from millwright.training.candidate.candidate import Setting


def test_boosting_takes_rows_as_they_are_and_never_stops_early() -> None:
    setting = Setting(numbers=(0,), categories=(1,), seed=9)
    for candidate in (hist_gradient_boosting.CLASSIFIER, hist_gradient_boosting.REGRESSOR):
        pipeline = candidate.build(candidate.defaults, setting)

        assert len(pipeline) == 1
        assert pipeline[-1].early_stopping is False  # it would set rows aside at random, against the folds
        assert (pipeline[-1].max_iter, pipeline[-1].random_state) == (100, 9)
