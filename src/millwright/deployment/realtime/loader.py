"""From a model version's record to a model that is proven to answer."""

from __future__ import annotations

import logging
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import IntegrityError
from millwright.deployment.realtime.batching import MicroBatcher, batching_pays
from millwright.deployment.realtime.explaining import LazyExplainer
from millwright.deployment.realtime.served_model import ServedModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.enrichment.feature_source import FeatureSource
    from millwright.deployment.realtime.served_model import Explains
    from millwright.storage.base import ArtifactStore

logger = logging.getLogger(__name__)

# The first calls of an engine allocate and plan; callers shall not pay for that.
_WARM_UP_ROUNDS = 3


def load_served(
    record: ModelVersionRecord,
    artifacts: ArtifactStore,
    *,
    prefer_onnx: bool = True,
    allow_code: bool = False,
    features: Callable[[], FeatureSource] | None = None,
    warm_explanations: bool = False,
) -> ServedModel:
    """Load a version, try it on its recorded example rows and warm it up.

    Args:
        record: The version.
        artifacts: Where its package is.
        prefer_onnx: Use the compiled model where the package holds a proven one.
        allow_code: Whether a model that is Python code may be loaded, which runs it.
        features: Gives the feature store, for versions that were trained with a feature service; None when features
            are not looked up.
        warm_explanations: Explain an example row at once: the first explanation may load the model's own library, which
            takes seconds, and some hundred megabytes for good.

    Raises:
        NotFoundError: The package is not stored, or a definition of its features is not there any more.
        IntegrityError: The package is damaged, is another one than the record says, or fails its self-test.
        UnsafeArtifactError: The package could run code that is not allowed.
        ModelFailedError: The model is code, and that fails.
        MissingExtraError: The engine's library is not installed.
    """
    from millwright.models.package import PackageLoader, load_predictor, read_manifest

    data = artifacts.get(record.stored_package())
    predictor = load_predictor(
        data, prefer_onnx=prefer_onnx, allow_code=allow_code
    )  # compares its answers with those recorded
    example = tuple(read_manifest(data).get("example", ()))

    def explainer() -> Explains:
        from millwright.models.explanation.explainer import Explainer

        loader = PackageLoader(allow_code=allow_code)
        return Explainer.from_package(artifacts.get(record.stored_package()), predictor=predictor, loader=loader)

    enrichment = None
    if features is not None and record.params.get("feature_lookup"):
        from millwright.deployment.realtime.enrichment.feature_join import feature_join

        enrichment = feature_join(record, predictor.signature, features)
    served = ServedModel(record, predictor, example=example, enrichment=enrichment, explainer=LazyExplainer(explainer))
    self_test(served)
    if warm_explanations:
        _explain_once(served)
    return _batching(served)


def _explain_once(served: ServedModel) -> None:
    if served.explainer is None or not served.example:
        return
    try:
        served.explainer.explain(served.rows.check(served.example)[:1])
    except Exception as error:  # noqa: BLE001 - it predicts all the same; who asks for an explanation is told
        logger.warning("%s cannot be explained: %s", served.ref, error)


def _batching(served: ServedModel) -> ServedModel:
    """The version with a batcher where that pays; as it is where single calls are quicker, or nothing tells."""
    predict = served.predictor.predict_rows
    if not served.example or not batching_pays(predict, served.rows.check(served.example)[0]):
        return served
    return served.with_batcher(MicroBatcher(predict))


def self_test(served: ServedModel) -> None:
    """Try a model as requests will: its example rows through JSON, the check and the engine; this also warms it up.

    Raises:
        IntegrityError: The example does not fit the signature, or the answers do not.
    """
    if dict(served.record.signature) != served.signature.to_json():
        raise IntegrityError(f"The package of {served.ref} has another signature than the version's record.")
    if not served.example:
        return
    body = msgspec.json.encode(list(served.example))
    for _ in range(_WARM_UP_ROUNDS):
        try:
            outputs = served.predictor.predict_rows(served.rows.plain(body)[0])
        except Exception as error:
            raise IntegrityError(f"{served.ref} fails on its own example rows: {error}") from error
        _check_outputs(served, outputs)


def _check_outputs(served: ServedModel, outputs: list[dict[str, Any]]) -> None:
    if len(outputs) != len(served.example):
        raise IntegrityError(f"{served.ref} answers {len(served.example)} example rows with {len(outputs)}.")
    for row in outputs:
        if tuple(row) != served.output_names:
            raise IntegrityError(f"{served.ref} answers with {list(row)}, expected {list(served.output_names)}.")
        for name, value in row.items():
            if isinstance(value, float) and not isfinite(value):
                raise IntegrityError(f"{served.ref} answers its example with {value} in '{name}'.")
