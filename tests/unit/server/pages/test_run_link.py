from __future__ import annotations

from millwright.core.records.run_input import ModelInput, ModelOutput
from millwright.registry.source_draft import SourceDraft


def test_run_shows_its_data_and_the_models_that_it_logged(lab):
    page = lab.page(f"/tracked/{lab.first}")
    assert "visits training 1f2e local /data/v" in page
    assert "forest ready" in page
    assert f'href="/logged-models/{lab.model}"' in lab.html(f"/tracked/{lab.first}")


def test_run_shows_the_models_that_it_names_and_the_versions_made_of_it(lab):
    stores = lab.workspace.stores
    stores.runs.add_inputs(lab.second, [], [ModelInput(model_id=lab.model)])
    stores.runs.add_outputs(lab.second, [ModelOutput(model_id="m-other")])
    lab.workspace.registry.editor.create_model("signals")
    lab.workspace.registry.editor.add_version(SourceDraft(name="signals", source="s3://x/y", run_id=lab.second))
    page = lab.page(f"/tracked/{lab.second}")
    assert f"{lab.model} read m-other made" in page
    assert "signals@1 candidate" in page


def test_run_shows_the_runs_inside(lab):
    page = lab.page(f"/tracked/{lab.parent}")
    assert "Runs inside" in page
    assert "first finished" in page
    assert "lr 0.1 model rf" in page
    assert "Runs inside" not in lab.page(f"/tracked/{lab.second}")
