from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.monitor import AlertState
from millwright.monitoring.alerting.endpoint import require_endpoint, require_fitting
from millwright.testing import sample


@pytest.fixture
def known(world: Any) -> Any:
    world.stores.endpoints.put(replace(sample.endpoint(), name="delay"))
    return world.stores


def test_endpoint_that_is_there_is_taken(known: Any):
    require_endpoint(known, "delay")


def test_endpoint_that_is_not_there_names_the_closest(known: Any):
    with pytest.raises(NotFoundError) as refused:
        require_endpoint(known, "dealy")
    assert str(refused.value) == "There is no endpoint 'dealy'. Did you mean 'delay'?"


def test_name_like_no_other_names_those_that_there_are(known: Any):
    with pytest.raises(NotFoundError, match="Known: delay"):
        require_endpoint(known, "xyz")


def test_endpoint_that_is_gone_is_known_by_its_alerts_and_reports(known: Any):
    known.monitors.append_alert(replace(sample.alert(), endpoint="gone", state=AlertState.RESOLVED))
    known.monitors.append_report(replace(sample.report(), endpoint="before"))
    require_endpoint(known, "gone")
    require_endpoint(known, "before")


@pytest.mark.parametrize("pattern", ["delay", "del*", "*", "d?lay"])
def test_pattern_that_fits_an_endpoint_is_taken(known: Any, pattern: str):
    require_fitting(known, pattern)


@pytest.mark.parametrize(("pattern", "said"), [("dealy", "Did you mean 'delay'?"), ("x*", "Known: delay.")])
def test_pattern_that_fits_none_is_refused_and_says_how_to_go_ahead(known: Any, pattern: str, said: str):
    with pytest.raises(InvalidInputError) as refused:
        require_fitting(known, pattern)
    assert f"There is no endpoint '{pattern}'. {said}" in str(refused.value)
    assert "--ahead" in str(refused.value)


def test_pattern_for_a_project_without_endpoints_says_that_there_is_none(world: Any):
    with pytest.raises(InvalidInputError, match="There is none yet"):
        require_fitting(world.stores, "delay")


def test_pattern_may_fit_an_endpoint_of_an_alert_alone(world: Any):
    world.stores.monitors.append_alert(replace(sample.alert(), endpoint="gone"))
    require_fitting(world.stores, "go*")
