"""Explains the predictions of a packaged model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.models.explanation.contribution import Contributions
from millwright.models.explanation.shapley import shapley_values
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import contributes, is_additive
from millwright.models.package import PackageLoader, read_manifest
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from millwright.models.model import Model
    from millwright.models.predictor import Predictor
    from millwright.models.signature import Signature

_MAX_BACKGROUND = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainOptions:
    """How much work an explanation may be.

    Attributes:
        budget: Rows that the model may be asked for each explained row, where contributions aren't exact.
        seed: Of the orders in which columns are tried; the same row gives the same explanation.
    """

    budget: int = 2_000
    seed: int = 0


class Explainer:
    """Explains rows; several threads may ask it.

    Args:
        predictor: What answers the rows that are explained.
        background: Raw rows that stand for the others, at least one; at most 50 are used.
        model: With its native estimator, for exact contributions; None where it cannot be loaded.
        options: Bounds.

    Raises:
        InvalidInputError: There are no background rows.
    """

    def __init__(
        self,
        predictor: Predictor,
        background: Sequence[Mapping[str, Any]],
        *,
        model: Model | None = None,
        options: ExplainOptions | None = None,
    ) -> None:
        if not background:
            raise InvalidInputError(
                "Expected example rows in the model's package, to compare others with; found none.",
                hint="Package the model with an example: Model(…, example=json_rows(rows.head(5), signature)).",
            )
        self._predictor = predictor
        self._background = predictor.signature.complete(background[:_MAX_BACKGROUND])
        self._options = options or ExplainOptions()
        self._exact = None if model is None else _exact_way(model, self._background)

    @classmethod
    def from_package(
        cls,
        data: bytes,
        *,
        predictor: Predictor | None = None,
        loader: PackageLoader | None = None,
        background: Sequence[Mapping[str, Any]] = (),
        options: ExplainOptions | None = None,
    ) -> Explainer:
        """An explainer of a package. Loads the model's own library where that gives exact contributions.

        Args:
            data: What `package.pack` gave.
            predictor: What answers the package's rows already; loaded from it when None.
            loader: As the workspace allows it; code is not loaded when None.
            background: Raw rows that stand for the others; the package's example when there are none.
            options: Bounds.

        Raises:
            InvalidInputError: There are no background rows.
            UnsafeArtifactError, IntegrityError, StoreVersionError, MissingExtraError: As `package.load_predictor`.
        """
        chosen, manifest = loader or PackageLoader(), read_manifest(data)
        answers = predictor or chosen.predictor(data)
        model = None
        flavor = get_flavor(str(manifest["flavor"]))
        if contributes(flavor) or is_additive(flavor):
            try:
                model = chosen.model(data)
            except MissingExtraError:  # the compiled model answers without the library
                model = None
        rows = background or manifest["example"]
        return cls(answers, rows, model=model, options=options)

    def explain(self, rows: Sequence[Mapping[str, Any]]) -> list[Contributions]:
        """What each column contributed to each row's answer.

        Args:
            rows: Raw rows that passed the signature's check.

        Raises:
            InvalidInputError: The model answers arrays.
            ModelFailedError: The model is code, and that fails.
        """
        if self._predictor.signature.task is Task.TENSOR:
            raise InvalidInputError(
                "A model that answers arrays cannot be explained: there is no one number to share out."
            )
        if not rows:
            return []
        complete = self._predictor.signature.complete(rows)
        if self._exact is not None:
            return self._exact(complete)
        return [self._compared(row) for row in complete]

    def _compared(self, row: Mapping[str, Any]) -> Contributions:
        signature = self._predictor.signature
        output = _output(signature, self._predictor.predict_rows([row])[0]["prediction"])

        def answer(asked: list[dict[str, Any]]) -> NDArray[np.float64]:
            return np.array([found[output] for found in self._predictor.predict_rows(asked)], dtype=np.float64)

        base, values, every = shapley_values(
            answer, row, self._background, budget=self._options.budget, seed=self._options.seed
        )
        method = "shapley" if every else "sampled"
        return Contributions(output=output, scale="answer", base=base, values=values, method=method)  # type: ignore[arg-type]


def _output(signature: Signature, label: Any) -> str:
    if signature.task is Task.REGRESSION:
        return "prediction"
    return "probability" if signature.task is Task.BINARY else f"probability_{label}"


def _exact_way(
    model: Model, background: Sequence[Mapping[str, Any]]
) -> Callable[[Sequence[Mapping[str, Any]]], list[Contributions]] | None:
    flavor, classes = get_flavor(model.flavor), len(model.signature.classes)
    if contributes(flavor):
        return lambda rows: _of_parts(
            model, rows, lambda matrix: flavor.contribute(model.estimator, matrix, classes=classes), "tree"
        )
    margin = flavor.margin(model.estimator, classes=classes) if is_additive(flavor) else None
    if margin is None:
        return None
    others = model.encoder.encode_rows(background)

    def contribute(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """As `contribute` of flavors: an additive model's column is worth its part less the part's mean."""
        mean = margin(others).mean(axis=0)  # (outputs,)
        found = np.empty((len(matrix), len(mean), matrix.shape[1] + 1))
        for column in range(matrix.shape[1]):
            parts = []
            for values in (matrix[:, column], others[:, column]):
                rows = np.repeat(others[:1], len(values), axis=0)
                rows[:, column] = values
                parts.append(margin(rows))
            found[:, :, column] = parts[0] - parts[1].mean(axis=0)
        found[:, :, -1] = mean
        return found

    return lambda rows: _of_parts(model, rows, contribute, "linear")


def _of_parts(
    model: Model,
    rows: Sequence[Mapping[str, Any]],
    contribute: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    method: Any,
) -> list[Contributions]:
    signature = model.signature
    matrix = model.encoder.encode_rows(rows)
    answers, parts = model.compute(matrix), contribute(matrix)  # (n[, classes]) and (n, outputs, columns + 1)
    found = []
    for answer, part in zip(answers, parts, strict=True):
        winner = int(np.argmax(answer)) if signature.task is Task.MULTICLASS else 0
        values = {column.name: 0.0 for column in signature.inputs}
        for column, value in zip(model.encoder.columns, part[winner, :-1].tolist(), strict=True):
            values[column.source] += value
        is_answer = signature.task is Task.REGRESSION and np.isclose(part[winner].sum(), answer, rtol=1e-3, atol=1e-6)
        output = _output(signature, signature.classes[winner] if signature.classes else None)
        scale: Any = "answer" if is_answer else "margin"
        found.append(
            Contributions(output=output, scale=scale, base=float(part[winner, -1]), values=values, method=method)
        )
    return found
