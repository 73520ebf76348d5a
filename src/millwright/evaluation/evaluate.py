"""Test one model on rows it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from millwright.evaluation.baseline import BaselinePrediction
from millwright.evaluation.curve import curves
from millwright.evaluation.explanation import ImportanceOptions, permutation_importances
from millwright.evaluation.interval import BootstrapOptions, confidence_intervals
from millwright.evaluation.metrics import catalog, classification
from millwright.evaluation.report import Confusion, EvaluationReport
from millwright.evaluation.scoring import labelled_rows, score
from millwright.evaluation.slices import SliceOptions, slice_metrics
from millwright.models.task import Task

if TYPE_CHECKING:
    import polars as pl

    from millwright.core.progress import Progress
    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.signature import Signature


class HasPredict(Protocol):
    """What is evaluated: a model, or anything that answers raw rows like one."""

    @property
    def signature(self) -> Signature:
        """Its input and output columns."""
        ...

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Raw rows → the signature's output columns, in the same order of rows."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationOptions:
    """What to find out besides the metrics.

    Attributes:
        slices: Columns of the test table to cut it by; they need not be model inputs.
        min_slice_rows: Values with fewer rows are put together as `(other)`.
        baseline: What the training target looked like; None: taken from `model.training["baseline_prediction"]`
            when the model has it.
        confidence: Of the intervals, between 0 and 1.
        draws: Bootstrap draws at most; 0: no intervals.
        repeats: Shuffles per column for the importances; 0: none.
        seed: Of everything random.
    """

    slices: tuple[str, ...] = ()
    min_slice_rows: int = 30
    baseline: BaselinePrediction | None = None
    confidence: float = 0.95
    draws: int = 1_000
    repeats: int = 5
    seed: int = 0


def evaluate(
    model: HasPredict,
    test: pl.DataFrame,
    *,
    options: EvaluationOptions | None = None,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Test a model.

    Args:
        model: What is tested.
        test: Raw rows with the target column; rows without a target are left out and counted in the notes.
        options: What to find out.
        progress: Shown while the importances are computed.

    Returns:
        The report; the same for the same model, rows and options.

    Raises:
        InvalidInputError: No labelled row, no target column, an unknown slice column, or labels that a binary model
            does not know.
    """
    chosen = options or EvaluationOptions()
    signature = model.signature
    labelled = labelled_rows(test, signature.target)
    # The model sees its inputs only: not even a careless one can read the answer.
    inputs = labelled.select([column.name for column in signature.inputs if column.name in labelled.columns])
    sample = score(signature, labelled[signature.target], model.predict(inputs))
    importances, importance_metric = permutation_importances(
        model.predict,
        labelled,
        signature,
        options=ImportanceOptions(repeats=chosen.repeats, seed=chosen.seed),
        progress=progress,
    )
    is_classification = sample.task is not Task.REGRESSION
    return EvaluationReport(
        task=sample.task,
        rows=sample.rows,
        target=signature.target,
        positive=str(sample.classes[1]) if sample.task is Task.BINARY else "",
        metrics=catalog.measure(sample),
        intervals=_intervals(sample, chosen),
        confidence=chosen.confidence,
        baseline=_baseline_metrics(model, sample, chosen),
        confusion=_confusion(sample) if is_classification else None,
        classification_report=classification.class_report(sample) if is_classification else {},
        slices=slice_metrics(labelled, sample, chosen.slices, SliceOptions(min_rows=chosen.min_slice_rows)),
        importances=importances,
        importance_metric=importance_metric,
        curves=curves(sample, chosen.seed),
        notes=_notes(test.height - labelled.height, sample, signature),
    )


def _intervals(sample: Sample, options: EvaluationOptions) -> dict[str, tuple[float, float]]:
    if not options.draws:
        return {}
    bootstrap = BootstrapOptions(draws=options.draws, confidence=options.confidence, seed=options.seed)
    return confidence_intervals(sample, catalog.metrics_for(sample.task), bootstrap)


def _baseline_metrics(model: HasPredict, sample: Sample, options: EvaluationOptions) -> dict[str, float]:
    baseline = options.baseline
    if baseline is None:
        recorded = (getattr(model, "training", None) or {}).get("baseline_prediction")
        if not recorded:
            return {}
        baseline = BaselinePrediction.from_json(recorded)
    return catalog.measure(baseline.predict(sample))


def _confusion(sample: Sample) -> Confusion:
    return Confusion(labels=sample.classes, matrix=classification.confusion_matrix(sample))


def _notes(unlabelled: int, sample: Sample, signature: Signature) -> tuple[str, ...]:
    notes = []
    if unlabelled:
        notes.append(f"{unlabelled} test rows without a value in '{signature.target}' were left out.")
    unseen = sample.classes[len(signature.classes) :]
    if unseen:
        shown = ", ".join(str(label) for label in unseen[:5])
        notes.append(f"The test rows hold classes the model never saw ({shown}); they count as wrong.")
    if sample.task is Task.MULTICLASS:
        notes.append(
            "Precision, recall and F1 are plain means over the classes (macro); ROC AUC and average precision compare "
            "each class with the rest."
        )
    if sample.rows < 100:
        notes.append(f"Only {sample.rows} rows were tested: read the intervals, not the values.")
    return tuple(notes)
