from __future__ import annotations

import pytest
from pydantic import ValidationError

from millwright.workspace.settings import load_settings
from millwright.workspace.worker_settings import WorkerSettings


def test_limits_are_read_from_the_project_file(tmp_path):
    (tmp_path / "millwright.toml").write_text("[worker]\nmax_runs = 4\nmax_runs_of = {nightly = 1}\n", encoding="utf-8")
    section = load_settings(tmp_path).worker
    assert (section.max_runs, section.max_runs_of, section.max_runs_each) == (4, {"nightly": 1}, 0)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"lease_seconds": 0}, {"max_attempts": 0}, {"unknown": 1}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        WorkerSettings(**wrong)
