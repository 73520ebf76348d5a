from __future__ import annotations

import pytest

from millwright.demo.stage import Stages


def test_stage_is_told_when_it_begins_and_when_it_ends():
    heard: list[tuple[str, str, bool]] = []
    stages = Stages(on_change=lambda stage: heard.append((stage.name, stage.what, stage.seconds is None)))
    with stages.stage("serve") as stage:
        stage.what = "it answers"
    assert heard == [("serve", "", True), ("serve", "it answers", False)]
    assert [found.name for found in stages.done] == ["serve"]


def test_stage_that_raises_is_not_done():
    stages = Stages(on_change=lambda _: None)

    def fail() -> None:
        with stages.stage("train"):
            raise RuntimeError("no data")

    with pytest.raises(RuntimeError, match="no data"):
        fail()
    assert stages.done == []
