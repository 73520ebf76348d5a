from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from millwright.core.errors import IntegrityError, NotFoundError, UnsafeArtifactError
from millwright.core.ids import Digest
from millwright.deployment.realtime.loader import load_served, self_test
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.registry.packaged import register_model
from unit.models.functions import ROWS, delay_module


def test_explainer_is_made_with_the_model_where_that_is_asked(workspace, monkeypatch):
    from millwright.models.explanation.explainer import Explainer

    made, make = [], Explainer.from_package.__func__

    def counted(cls: Any, *args: Any, **options: Any) -> Any:
        made.append(args)
        return make(cls, *args, **options)

    monkeypatch.setattr(Explainer, "from_package", classmethod(counted))
    record = workspace.registry.resolve("delay@1")
    load_served(record, workspace.stores.artifacts)
    assert made == []
    served = load_served(record, workspace.stores.artifacts, warm_explanations=True)
    assert len(made) == 1
    served.explainer.explain(served.rows.check(served.example))
    assert len(made) == 1


def test_version_is_loaded_tried_and_answers(workspace, frame):
    record = workspace.registry.resolve("delay@1")
    served = load_served(record, workspace.stores.artifacts)
    assert (served.ref, served.predictor.engine, len(served.example)) == ("delay@1", "onnxruntime", 3)
    rows = frame.drop("delayed").head(5).to_dicts()
    native = load_served(record, workspace.stores.artifacts, prefer_onnx=False)
    assert native.predictor.engine == "sklearn"
    for mine, theirs in zip(served.predictor.predict_rows(rows), native.predictor.predict_rows(rows), strict=True):
        assert mine["prediction"] == theirs["prediction"]
        assert mine["probability"] == pytest.approx(theirs["probability"], abs=1e-4)


def test_package_that_is_gone_is_told(workspace):
    record = dataclasses.replace(workspace.registry.resolve("delay@1"), package=Digest("0" * 64))
    with pytest.raises(NotFoundError):
        load_served(record, workspace.stores.artifacts)


def test_package_with_another_signature_than_the_record_is_refused(workspace):
    record = workspace.registry.resolve("delay@1")
    signature = json.loads(json.dumps(record.signature))
    signature["inputs"][0]["name"] = "other"
    with pytest.raises(IntegrityError, match="another signature"):
        load_served(dataclasses.replace(record, signature=signature), workspace.stores.artifacts)


def test_model_whose_example_does_not_fit_is_refused(make_served, row):
    served = make_served()
    broken = ServedModel(served.record, served.predictor, example=({**row, "days": "x"},))
    with pytest.raises(IntegrityError, match="fails on its own example rows"):
        self_test(broken)


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        ([], "answers 1 example rows with 0"),
        ([{"prediction": "v1"}], "expected \\['prediction', 'probability'\\]"),
        ([{"prediction": "v1", "probability": float("nan")}], "with nan in 'probability'"),
    ],
)
def test_model_that_answers_wrongly_is_refused(make_served, outputs, told):
    served = make_served()
    served.predictor.predict_rows = lambda _: outputs
    with pytest.raises(IntegrityError, match=told):
        self_test(served)


def test_model_without_example_is_taken(make_served):
    served = make_served()
    self_test(ServedModel(served.record, served.predictor))
    assert served.predictor.asked == 0


def test_model_that_is_code_is_loaded_only_where_that_is_allowed(workspace, tmp_path, monkeypatch):
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 1.0})
    record = register_model(
        adopt(function, ROWS), "coded", sample=ROWS, registry=workspace.registry, stores=workspace.stores
    )
    with pytest.raises(UnsafeArtifactError, match="allow_code"):
        load_served(record, workspace.stores.artifacts)
    served = load_served(record, workspace.stores.artifacts, allow_code=True)
    assert served.predictor.predict_rows([{"days": 1, "borough": "Bronx"}]) == [{"prediction": 6.0}]
