from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.ids import ExperimentId, PipelineRunId, id_time
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS: dict[str, Callable[[], Any]] = {
    "experiment": sample.experiment,
    "run": lambda: sample.run(ExperimentId("e")),
    "dataset_version": sample.dataset_version,
    "pipeline_run": sample.pipeline_run,
    "step_run": lambda: sample.step_run(PipelineRunId("p")),
    "model_version": sample.model_version,
    "report": sample.report,
    "alert": sample.alert,
    "decision": sample.decision,
    "prediction": sample.prediction,
}


@pytest.mark.parametrize("maker", MAKERS)
def test_each_call_gives_another_record(maker: str) -> None:
    assert MAKERS[maker]() != MAKERS[maker]()


def test_changes_replace_fields() -> None:
    assert sample.endpoint("x", model="other").model == "other"


def test_prediction_has_the_id_of_its_time() -> None:
    found = sample.prediction(seconds=5)
    assert abs((id_time(found.id) - found.at).total_seconds()) < 0.001


def test_digest_is_that_of_the_text_or_new() -> None:
    assert sample.digest("a") == sample.digest("a")
    assert sample.digest() != sample.digest()
