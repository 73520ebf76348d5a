"""One chunk of a table, predicted: the same on every engine, as chunks are independent of one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.errors import UnanswerableError
from millwright.data.datasets.normal_form import to_normal_form
from millwright.deployment.batch.screen import REASONS, ROW, Screen
from millwright.deployment.violation import reason

if TYPE_CHECKING:
    from millwright.data.contracts.contract import Contract  # noqa: TC004 - loaded on use, and nothing reads the hint
    from millwright.deployment.batch.contract import ContractReader
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
        typed: Whether the rows' own columns that the signature knows come out in its types, where they came as text;
            with a contract they come in the contract's types anyhow.
    """

    package: bytes
    model_ref: str
    prefer_onnx: bool = True
    allow_code: bool = False
    contract: Contract | None = None
    typed: bool = False

    def identity(self) -> dict[str, object]:
        """What the predictions depend on, beside the rows; JSON values."""
        return {
            "ref": self.model_ref,
            "package": digest_bytes(self.package),
            "prefer_onnx": self.prefer_onnx,
            "contract": "" if self.contract is None else _digest(self.contract),
            "typed": self.typed,
        }

    def build(self) -> ChunkPredictor:
        """What predicts chunks; several threads may use it. The same one as long as it is held.

        Raises:
            IntegrityError, UnsafeArtifactError: The package is damaged, or could run code that is not allowed.
        """
        from millwright.models.package import PackageLoader

        built = _BUILT.get(id(self))
        if built is None:
            loader = PackageLoader(allow_code=self.allow_code)
            built = ChunkPredictor(loader.predictor(self.package, prefer_onnx=self.prefer_onnx), self)
            _BUILT[id(self)] = built
        return built


class ChunkPredictor:
    """Screens and predicts chunks.

    Args:
        predictor: Predicts.
        recipe: What it was made of.
    """

    def __init__(self, predictor: Predictor, recipe: Recipe) -> None:
        self._predictor = predictor
        self._screen = Screen(predictor.signature)
        self._reader = _reader(recipe.contract, predictor.signature) if recipe.contract else None
        self._recipe = recipe  # held, too, so that no other one gets its place in memory

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
            good = self._screen.typed(screened.good) if self._recipe.typed else screened.good
            good, failed = self._with_outputs(good, screened.inputs)
            bad = screened.bad
            if failed:
                places = _others(chunk.frame.height, bad.get_column(ROW) - chunk.first_row)
                bad = _joined(bad, _unanswered(chunk.frame, chunk.first_row, (places, failed), reasons))
            return Predicted(index=chunk.index, good=good, bad=_reasons_last(bad), reasons=reasons)
        parsed = self._reader.parse(chunk.frame, chunk.first_row)
        screened = self._screen.screen(parsed.good, 0)
        reasons = Counter(parsed.reasons) + Counter(reason(violation) for violation in screened.violations)
        bad = parsed.bad
        if screened.bad.height:
            places = parsed.rows.gather(screened.bad.get_column(ROW))
            raw = to_normal_form(chunk.frame[places])  # as they came, like the others in that file
            unfit = raw.with_columns((places + chunk.first_row).alias(ROW), screened.bad.get_column(REASONS))
            bad = _joined(bad, unfit)
        good, failed = self._with_outputs(screened.good, screened.inputs)
        if failed:
            places = parsed.rows.gather(_others(len(parsed.rows), screened.bad.get_column(ROW)))
            raw = to_normal_form(chunk.frame)
            bad = _joined(bad, _unanswered(raw, chunk.first_row, (places, failed), reasons))
        return Predicted(
            index=chunk.index, good=good, bad=_reasons_last(bad.sort(ROW)) if bad.height else bad, reasons=reasons
        )

    def _with_outputs(self, good: pl.DataFrame, inputs: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, str]]:
        """The rows with answers, and the places of those that the model cannot answer, with why."""
        if not good.height:
            return good, {}
        failed: dict[int, str] = {}
        try:
            outputs = self._predictor.predict_frame(inputs)
        except UnanswerableError as error:
            failed = error.reasons
            kept = _others(good.height, pl.Series(list(failed), dtype=pl.Int64))
            good = good[kept]
            if not good.height:
                return good, failed
            outputs = self._predictor.predict_frame(inputs[kept])
        model = pl.Series(MODEL_VERSION, [self._recipe.model_ref]).new_from_index(0, outputs.height)
        added = [*outputs.get_columns(), model]
        return good.drop([column.name for column in added], strict=False).with_columns(added), failed


def _others(count: int, places: pl.Series) -> pl.Series:
    """Those of the places from 0 to count that are not among some."""
    every = pl.int_range(count, eager=True)
    return every.filter(~every.is_in(places.cast(pl.Int64).to_list()))


def _unanswered(
    frame: pl.DataFrame, first_row: int, failed: tuple[pl.Series, Mapping[int, str]], reasons: Counter[str]
) -> pl.DataFrame:
    """The rows of a chunk that the model cannot answer, with why, which is counted, too.

    Args:
        frame: The chunk's rows.
        first_row: The place of the first one in the whole table.
        failed: Of the rows that were tried the places in the chunk; and by index among these why one failed.
        reasons: Counts.
    """
    places, why = failed
    told = {index: f"the model cannot answer it: {text}" for index, text in sorted(why.items())}
    reasons.update(told.values())
    own = places.gather(list(told)).cast(pl.Int64)
    return frame[own].with_columns(
        (own + first_row).alias(ROW), pl.Series(REASONS, list(told.values()), dtype=pl.String)
    )


def _joined(bad: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([bad, more.select(bad.columns)], how="vertical_relaxed").sort(ROW) if bad.height else more


# Contracts are loaded on use: that takes longer than some tables.
def _digest(contract: Contract) -> str:
    from millwright.data.contracts.terms import contract_digest

    return contract_digest(contract)


def _reader(contract: Contract, signature: Signature) -> ContractReader:
    from millwright.deployment.batch.contract import ContractReader

    return ContractReader(contract, signature)


def _reasons_last(bad: pl.DataFrame) -> pl.DataFrame:
    return bad.select(pl.exclude(ROW, REASONS), ROW, REASONS)


_BUILT: WeakValueDictionary[int, ChunkPredictor] = WeakValueDictionary()  # by the recipe's place in memory
