"""Performance of a regression expected from the errors that a second model predicts (DLE, direct loss estimation).

Where the model errs more depends on the row. A small gradient boosting learns that from the reference's labelled rows:
the absolute error from a row's features and the model's answer, and a second one the squared error. The mean of what
they say about a window is its expected MAE, and the root of the mean its RMSE. Source: NannyML's documentation, "Direct
Loss Estimation".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions, percentile_interval
from millwright.models.encoder import Encoder
from millwright.monitoring.column_table import batches
from millwright.monitoring.estimation.estimate import Estimate
from millwright.monitoring.repeated_row import first_equals
from millwright.monitoring.second_model import SecondModel, predict_held_out

if TYPE_CHECKING:
    import polars as pl

    from millwright.evaluation.metrics.sample import Codes, Floats
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Rows, Table

METHOD = "DLE"
_BATCH = 50_000  # rows that are looked at at a time
_LEAST_ROWS = 100  # fewer say nothing of where errors are larger


class LossEstimator:
    """Estimates what a regression's MAE and RMSE are, from its inputs and answers alone.

    Args:
        inputs: n raw rows that the model was not fitted to (`ReferencePart.inputs`).
        y_pred: (n,) what it answered, finite.
        y_true: (n,) the truth, finite.
        signature: Of the model.

    Raises:
        InvalidInputError: Fewer than 100 rows.
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(self, inputs: pl.DataFrame, y_pred: Floats, y_true: Floats, signature: Signature) -> None:
        if y_true.size < _LEAST_ROWS:
            raise InvalidInputError(
                f"Expected at least {_LEAST_ROWS} labelled rows to learn where the model errs, found {y_true.size}.",
                hint="Evaluate the model on more rows before it is registered.",
            )
        self._signature = signature
        self._encoder = Encoder.fit(inputs, signature)
        matrix = self._matrix(inputs, y_pred)
        errors = np.abs(y_true - y_pred)
        firsts = first_equals(matrix)
        self._losses = {
            "mae": _Loss(matrix, errors, self._categories, firsts),
            "rmse": _Loss(matrix, errors**2, self._categories, firsts),
        }

    def estimate(
        self, inputs: Table, y_pred: Floats, options: BootstrapOptions | None = None, *, rows: Rows | None = None
    ) -> Estimate:
        """What MAE and RMSE are on answered rows; 50,000 rows of all columns are in memory at a time.

        Args:
            inputs: Raw rows, m or more, m ≥ 1.
            y_pred: (m,) what was answered, finite.
            options: How intervals are drawn.
            rows: (m,) which rows those are; all when None.
        """
        chosen = options or BootstrapOptions()
        asked = np.arange(inputs.height) if rows is None else rows
        matrices = (
            self._matrix(batch, y_pred[start : start + _BATCH])
            for start, batch in zip(range(0, asked.size, _BATCH), batches(inputs, asked, _BATCH), strict=True)
        )
        predicted = [[loss.predict(matrix) for loss in self._losses.values()] for matrix in matrices]
        values, intervals = {}, {}
        for (name, loss), parts in zip(self._losses.items(), zip(*predicted, strict=True), strict=True):
            expected = np.concatenate(parts)
            found = np.array([expected.mean()])
            drawn = loss.draw(expected, chosen) if expected.size > 1 else found
            if name == "rmse":
                found, drawn = np.sqrt(found), np.sqrt(drawn)
            values[name] = float(found[0])
            interval = percentile_interval(drawn, chosen.confidence) if expected.size > 1 else None
            if interval is not None:
                intervals[name] = interval
        return Estimate(rows=y_pred.size, metrics=values, intervals=intervals, method=METHOD)

    @property
    def _categories(self) -> list[int]:
        return list(self._encoder.category_indexes)

    def _matrix(self, inputs: pl.DataFrame, y_pred: Floats) -> Floats:
        encoded = self._encoder.encode(inputs, self._signature)
        return np.column_stack([encoded, y_pred]).astype(np.float64)


class _Loss:
    """One kind of loss: what it is expected to be, and how what it turns out to be scatters around that.

    How it scatters is seen on rows that a model was not fitted to, nor to a copy of theirs.
    """

    def __init__(self, matrix: Floats, losses: Floats, categories: list[int], firsts: Codes) -> None:
        held_out = predict_held_out(matrix, losses, categories, is_class=False, firsts=firsts)
        # What is predicted never falls below a hundredth of the mean loss: no error is surely 0.
        self._floor = max(float(losses.mean()) / 100, float(np.finfo(np.float64).tiny))
        self.factors = losses / np.maximum(held_out, self._floor)
        self._model = SecondModel(matrix, losses, categories, is_class=False)

    def predict(self, matrix: Floats) -> Floats:
        """(m,) expected losses."""
        return np.maximum(self._model.predict(matrix), self._floor)

    def draw(self, expected: Floats, options: BootstrapOptions) -> Floats:
        """(b,) mean losses that may turn out: for each row by which factor it misses what is expected is drawn."""
        generator = np.random.default_rng(options.seed)
        factors = self.factors / self.factors.mean()
        draws = range(options.draws_for(expected.size))
        return np.array([float((expected * generator.choice(factors, expected.size)).mean()) for _ in draws])
