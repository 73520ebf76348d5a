from __future__ import annotations

from millwright.core.records.run import MetricPoint
from millwright.testing import sample


def test_logged_model_shows_what_is_known_of_it_and_its_files(lab):
    lab.put_file("MLmodel", b"flavors: {}", root=f"{lab.experiment}/models/{lab.model}/artifacts")
    point = MetricPoint(key="r2", value=0.7, step=3, at=sample.NOON, model_id=lab.model, dataset_name="visits")
    lab.workspace.stores.runs.append_metrics(lab.first, [point])
    page = lab.page(f"/logged-models/{lab.model}")
    assert "forest ready" in page
    assert "r2 0.700 3" in page
    assert "trees 100" in page
    assert "MLmodel 11 B" in page
    html = lab.html(f"/logged-models/{lab.model}/artifacts?path=MLmodel")
    assert "flavors: {}" in html
    saved = lab.get(f"/ajax-api/2.0/mlflow/logged-models/{lab.model}/artifacts/files?artifact_file_path=MLmodel")
    assert saved.content == b"flavors: {}"


def test_image_of_a_logged_model_is_sent(lab):
    png = b"\x89PNG\r\n\x1a\n"
    lab.put_file("a.png", png, root=f"{lab.experiment}/models/{lab.model}/artifacts")
    assert lab.get(f"/logged-models/{lab.model}/file?path=a.png").content == png
    assert lab.get(f"/logged-models/{lab.model}/file?path=b.png").status_code == 404


def test_unknown_logged_model_is_not_found(lab):
    assert lab.get("/logged-models/m-nothing", accept="text/html").status_code == 404
