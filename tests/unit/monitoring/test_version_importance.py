from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from millwright.evaluation.report import EvaluationReport, Importance
from millwright.models.encoder import Encoder
from millwright.models.model import Model
from millwright.models.package import pack
from millwright.models.task import Task
from millwright.monitoring import load_reference
from millwright.monitoring.version_importance import VersionImportances


def evaluation(*importances: Importance) -> bytes:
    report = EvaluationReport(
        task=Task.BINARY, rows=9, target="late", metrics={}, importances=importances, importance_metric="roc_auc"
    )
    return report.to_json()


def asked(world: Any, *, permute: bool = True, **documents: bytes) -> Any:
    version = world.register()
    reference = load_reference(world.stores.artifacts.get(version.documents["reference.parquet"]))
    kept = {f"{name}.json": world.stores.artifacts.put(data) for name, data in documents.items()}
    version = replace(version, documents={**version.documents, **kept})
    return VersionImportances(world.stores.artifacts).of(version, reference, world.model.signature, permute=permute)


def test_importances_are_those_of_the_evaluation(world: Any):
    found = asked(world, evaluation=evaluation(Importance(column="days", mean=0.4, std=0.0)))
    assert (found.shares, found.source) == ({"days": 1.0}, "evaluation")


def test_reason_is_told_when_the_evaluation_measured_none_and_the_model_may_not_be_asked(world: Any):
    assert "measured no importances" in asked(world, permute=False, evaluation=evaluation())


def test_reason_is_told_when_the_package_cannot_be_loaded(world: Any):
    assert asked(world).startswith("Importances are not known")


def test_importances_are_measured_with_the_packaged_model(world: Any, draw_rows: Any):
    frame = draw_rows(500, seed=1)
    signature = replace(world.model.signature, inputs=world.model.signature.inputs[:1])
    encoder = Encoder.fit(frame, signature)
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        encoder.encode(frame, signature), frame["late"]
    )
    data = pack(Model(estimator=estimator, encoder=encoder, signature=signature, flavor="sklearn"))
    version = world.register()
    reference = load_reference(world.stores.artifacts.get(version.documents["reference.parquet"]))
    version = replace(version, package=world.stores.artifacts.put(data))
    found = VersionImportances(world.stores.artifacts).of(version, reference, signature)
    assert (found.shares, found.source) == ({"days": 1.0}, "reference")  # type: ignore[union-attr]


def test_importances_are_found_once_per_version(world: Any):
    version = world.register()
    reference = load_reference(world.stores.artifacts.get(version.documents["reference.parquet"]))
    known = VersionImportances(world.stores.artifacts)
    found = [known.of(version, reference, world.model.signature) for _ in range(2)]
    assert found[0] is found[1]
