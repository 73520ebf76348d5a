"""How much each feature matters to a registered version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.evaluation.report import EvaluationReport
from millwright.models.package import PackageLoader
from millwright.monitoring.attribution import Importances, reference_importances, report_importances

if TYPE_CHECKING:
    import polars as pl

    from millwright.core.ids import ModelVersionId
    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.signature import Signature
    from millwright.monitoring.reference import Reference
    from millwright.storage.base import ArtifactStore

DOCUMENT = "evaluation.json"
_MOST = 64  # versions whose importances are remembered


class VersionImportances:
    """Finds the importances of versions: those of their evaluation, else measured on the reference, once per version.

    Args:
        artifacts: Documents and packages.
        loader: As the workspace allows it; models that are code are not loaded when None.
    """

    def __init__(self, artifacts: ArtifactStore, loader: PackageLoader | None = None) -> None:
        self._artifacts = artifacts
        self._loader = loader or PackageLoader()
        self._known: dict[ModelVersionId, Importances | str] = {}

    def of(
        self, version: ModelVersionRecord, reference: Reference, signature: Signature, *, permute: bool = True
    ) -> Importances | str:
        """The importances of a version, or one sentence on why there are none.

        Args:
            version: Which.
            reference: Its reference.
            signature: Its signature.
            permute: Whether the model may be loaded and asked, where the evaluation tells nothing.
        """
        if version.id not in self._known:
            found = self._find(version, reference, signature, permute=permute)
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[version.id] = found
        return self._known[version.id]

    def _find(
        self, version: ModelVersionRecord, reference: Reference, signature: Signature, *, permute: bool
    ) -> Importances | str:
        try:
            if DOCUMENT in version.documents:
                report = EvaluationReport.from_json(self._artifacts.get(version.documents[DOCUMENT]))
                if (found := report_importances(report)) is not None:
                    return found
            if not permute or version.package is None:
                return "The evaluation measured no importances: drift is ranked by its size alone."
            predictor = self._loader.predictor(self._artifacts.get(version.package))

            def predict(frame: pl.DataFrame) -> pl.DataFrame:
                return predictor.predict_frame(frame)

            measured = reference_importances(reference, predict, signature)
        except MillwrightError as error:
            return f"Importances are not known, drift is ranked by its size alone: {error.message}"
        return measured or "Too few labelled rows to measure importances: drift is ranked by its size alone."
