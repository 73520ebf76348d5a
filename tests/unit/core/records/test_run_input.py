from __future__ import annotations

from millwright.core.records.run_input import DatasetInput, ModelOutput, RunLinks


def test_run_without_links_read_and_made_nothing() -> None:
    assert RunLinks() == RunLinks(datasets=(), models=(), outputs=())


def test_model_is_made_at_the_first_step_when_nothing_is_said() -> None:
    assert ModelOutput(model_id="m").step == 0
    assert DatasetInput(name="a", digest="1", source_type="s", source="{}").schema is None
