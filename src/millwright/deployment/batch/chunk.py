"""One chunk of a table, predicted: the same on every engine, as chunks are independent of one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.terms import contract_digest
from millwright.data.datasets.normal_form import to_normal_form
from millwright.deployment.batch.contract import ContractReader
from millwright.deployment.batch.screen import REASONS, ROW, Screen
from millwright.deployment.violation import reason

if TYPE_CHECKING:
    from millwright.models.predictor import Predictor
    from millwright.models.signature import Signature

MODEL_VERSION = "model_version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Rows of a table.

    Attributes:
        index: 0, 1, 2 … in the table's order.
        first_row: The place of the first row in the whole table, from 0.
        frame: The rows as they came.
    """

    index: int
    first_row: int
    frame: pl.DataFrame


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """What became of a chunk.

    Attributes:
        index: The chunk's.
        good: The rows that fit, with the model's outputs and `model_version`.
        bad: The others as they came, with `_row` (from 0, over the whole table) and `_reasons` (text), by `_row`.
        reasons: What is wrong with them: how many values, by reason.
    """

    index: int
    good: pl.DataFrame
    bad: pl.DataFrame
    reasons: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """All that predicting a chunk takes, as values that can be sent to another process.

    Attributes:
        package: The model's package.
        model_ref: What it is, as `name@version`.
        prefer_onnx: Use the compiled model where the package holds a proven one.
        allow_code: Whether a model that is Python code may be loaded, which runs it.
        contract: How raw values are read, and what rows must be; None when the signature says all.
    """

    package: bytes
    model_ref: str
    prefer_onnx: bool = True
    allow_code: bool = False
    contract: Contract | None = None

    def identity(self) -> dict[str, object]:
        """What the predictions depend on, beside the rows; JSON values."""
        return {
            "ref": self.model_ref,
            "package": digest_bytes(self.package),
            "prefer_onnx": self.prefer_onnx,
            "contract": "" if self.contract is None else contract_digest(self.contract),
        }

    def build(self) -> ChunkPredictor:
        """What predicts chunks; several threads may use it.

        Raises:
            IntegrityError, UnsafeArtifactError: The package is damaged, or could run code that is not allowed.
        """
        from millwright.models.package import PackageLoader

        loader = PackageLoader(allow_code=self.allow_code)
        return ChunkPredictor(loader.predictor(self.package, prefer_onnx=self.prefer_onnx), self)


class ChunkPredictor:
    """Screens and predicts chunks.

    Args:
        predictor: Predicts.
        recipe: What it was made of.
    """

    def __init__(self, predictor: Predictor, recipe: Recipe) -> None:
        self._predictor = predictor
        self._screen = Screen(predictor.signature)
        self._reader = ContractReader(recipe.contract, predictor.signature) if recipe.contract else None
        self._model_ref = recipe.model_ref

    @property
    def signature(self) -> Signature:
        """What the model takes and answers."""
        return self._predictor.signature

    def predict(self, chunk: Chunk) -> Predicted:
        """Part a chunk, and predict the rows that fit.

        Raises:
            InvalidInputError: A column that the model needs is missing.
        """
        if self._reader is None:
            screened = self._screen.screen(chunk.frame, chunk.first_row)
            reasons = Counter(reason(violation) for violation in screened.violations)
            good = self._with_outputs(screened.good, screened.inputs)
            return Predicted(index=chunk.index, good=good, bad=_reasons_last(screened.bad), reasons=reasons)
        parsed = self._reader.parse(chunk.frame, chunk.first_row)
        screened = self._screen.screen(parsed.good, 0)
        reasons = Counter(parsed.reasons) + Counter(reason(violation) for violation in screened.violations)
        bad = parsed.bad
        if screened.bad.height:
            places = parsed.rows.gather(screened.bad.get_column(ROW))
            raw = to_normal_form(chunk.frame[places])  # as they came, like the others in that file
            unfit = raw.with_columns((places + chunk.first_row).alias(ROW), screened.bad.get_column(REASONS))
            bad = pl.concat([bad, unfit.select(bad.columns)], how="vertical_relaxed") if bad.height else unfit
        good = self._with_outputs(screened.good, screened.inputs)
        return Predicted(
            index=chunk.index, good=good, bad=_reasons_last(bad.sort(ROW)) if bad.height else bad, reasons=reasons
        )

    def _with_outputs(self, good: pl.DataFrame, inputs: pl.DataFrame) -> pl.DataFrame:
        if not good.height:
            return good
        outputs = self._predictor.predict_frame(inputs)
        model = pl.Series(MODEL_VERSION, [self._model_ref]).new_from_index(0, outputs.height)
        added = [*outputs.get_columns(), model]
        return good.drop([column.name for column in added], strict=False).with_columns(added)


def _reasons_last(bad: pl.DataFrame) -> pl.DataFrame:
    return bad.select(pl.exclude(ROW, REASONS), ROW, REASONS)
