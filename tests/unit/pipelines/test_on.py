from __future__ import annotations

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines import on


def test_conditions_are_plain_values():
    assert mw.on is on
    assert on.cron("0 2 * * *", tz="Europe/Berlin") == on.Cron("0 2 * * *", "Europe/Berlin")
    assert on.dataset("schedules") == on.NewVersion("schedules")
    assert on.code() == on.CodeChange()
    assert on.alert("delay", kinds="performance") == on.Raised("delay", ("performance",), 3600.0)
    assert on.drift("delay", cooldown="10m") == on.Raised("delay", ("drift",), 600.0)
    assert on.drift("delay", cooldown=0).cooldown_s == 0
    assert on.webhook("push") == on.Called("push")
    assert on.api() == on.Asked()


def test_pipeline_carries_its_conditions():
    @mw.pipeline(on=[on.dataset("schedules"), on.cron("0 2 * * *")])
    def nightly() -> None: ...

    assert nightly.on == (on.NewVersion("schedules"), on.Cron("0 2 * * *"))


@pytest.mark.parametrize(
    "make", [lambda: on.dataset(""), lambda: on.alert(" "), lambda: on.webhook("a b"), lambda: on.drift(3)]
)
def test_name_that_is_none_is_refused(make):
    with pytest.raises(PipelineDefinitionError, match="Expected the name of a"):
        make()


def test_cool_down_that_cannot_be_read_is_refused():
    with pytest.raises(PipelineDefinitionError, match="cool-down"):
        on.drift("delay", cooldown="soon")
