from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from millwright.cli.run_queue import begin_at, queue_options
from millwright.core.errors import InvalidInputError
from millwright.core.ids import PipelineRunId
from millwright.pipelines.runner import RunOptions

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_duration_is_counted_from_now() -> None:
    assert begin_at("90m", NOW) == NOW + timedelta(minutes=90)
    assert begin_at("1.5h", NOW) == NOW + timedelta(minutes=90)


def test_time_with_a_zone_is_that_moment() -> None:
    assert begin_at("2026-03-01T14:00+01:00", NOW) == NOW + timedelta(hours=1)


def test_time_without_a_zone_is_local() -> None:
    assert begin_at("2026-03-02T02:00", NOW) == datetime(2026, 3, 2, 2).astimezone()


def test_time_of_day_is_the_next_one() -> None:
    for text in ("00:00", "12:00", "23:59"):
        found = begin_at(text, NOW)
        assert NOW < found <= NOW + timedelta(days=1)
        assert f"{found.astimezone():%H:%M}" == text


@pytest.mark.parametrize("text", ["soon", "25:00", "2026-13-01", "-5m", "0s", "99999999999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="--at: expected a time or a duration"):
        begin_at(text, NOW)


def test_time_that_is_over_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="is over"):
        begin_at("2026-02-28", NOW)


def test_options_are_json_values_and_only_those_that_say_something() -> None:
    assert queue_options(RunOptions()) == {}
    options = RunOptions(use_cache=False, force=frozenset({"b", "a"}), until="c", executor="processes", strict=True)
    assert queue_options(options) == {
        "no_cache": True, "force": ["a", "b"], "until": "c", "executor": "processes", "strict": True,
    }  # fmt: skip


def test_options_name_the_run_that_is_resumed() -> None:
    assert queue_options(RunOptions(resumes=PipelineRunId("a"))) == {"resumes": "a"}


def test_executor_is_kept_that_a_project_has_by_default_elsewhere() -> None:
    assert queue_options(RunOptions(executor="inline")) == {"executor": "inline"}
