from __future__ import annotations

from millwright.core.records.run import MetricPoint
from millwright.server.pages.tracked import DIFF
from millwright.testing import sample


def test_run_shows_status_times_user_parameters_and_tags(lab):
    page = lab.page(f"/tracked/{lab.first}")
    assert "first finished" in page
    assert "Seconds 440 By ann" in page
    assert f"Part of …{lab.parent[-8:]}" in page
    assert "lr 0.1 model rf" in page
    assert "team a mlflow.user ann" in page
    assert "Experiments / signals /" in page


def test_run_shows_its_code_with_what_was_changed_since(lab):
    assert "The client told nothing of it." in lab.page(f"/tracked/{lab.first}")
    tags = {"mlflow.source.name": "train.py", "mlflow.source.git.commit": "c0ffee", "mlflow.source.git.branch": "main"}
    lab.workspace.stores.runs.put_tags(lab.first, tags)
    lab.put_file(DIFF, b"+new\n-old\n")
    page = lab.page(f"/tracked/{lab.first}")
    assert "Source train.py Branch main Git commit c0ffee Changed since captured/uncommitted.diff" in page
    shown = lab.html(f"/tracked/{lab.first}/artifacts?path=captured/uncommitted.diff")
    assert '<span class="added">+new</span>' in shown
    assert '<span class="removed">-old</span>' in shown


def test_deleted_run_says_so(lab):
    assert "gone running deleted" in lab.page(f"/tracked/{lab.deleted}")


def test_run_whose_artifacts_are_elsewhere_says_so(lab):
    run = sample.run(lab.experiment, artifact_uri="s3://bucket/x")
    lab.workspace.stores.runs.create_run(run)
    assert "found a location that begins with s3:" in lab.page(f"/tracked/{run.id}")


def test_run_with_a_thousand_metrics_is_shown(lab):
    points = [MetricPoint(key=f"m{n}", value=float("nan"), step=s, at=sample.NOON) for n in range(1000) for s in (0, 1)]
    lab.workspace.stores.runs.append_metrics(lab.parent, points)
    assert lab.html(f"/tracked/{lab.parent}").count("<figure") == 500


def test_unknown_run_is_not_found(lab):
    assert "Not Found" in lab.html("/tracked/0123456789", status=404)
