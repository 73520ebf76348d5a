"""The XGBoost flavor: boosters as XGBoost's own JSON, judged and written anew before XGBoost reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError, UnsafeArtifactError
from millwright.models.flavors.boosted import judged_member, with_other_class
from millwright.models.flavors.conversion import finish
from millwright.models.flavors.flavor import Adopted
from millwright.models.flavors.json_tree import JsonModel, parse_json
from millwright.models.graph import INPUT_NAME, TREE_OPSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

MEMBER = "model.xgboost.json"
_EXTRA = "xgboost"


class XgboostFlavor:
    """`Booster`, `XGBClassifier`, `XGBRegressor` and their forests; predictions run on one thread."""

    name = "xgboost"
    members = frozenset({MEMBER})
    libraries = ("xgboost", "xgboost-cpu", "onnxmltools")
    uncompiled = ""

    def handles(self, estimator: Any) -> bool:
        """True for XGBoost's own classes."""
        return type(estimator).__module__.partition(".")[0] == "xgboost"

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The booster inside, cut at its best iteration, without what only training needs."""
        del sample  # its columns are told by their names, or tried
        library = _library()
        labels: tuple[Any, ...] = ()
        booster = estimator
        if isinstance(estimator, library.XGBModel):
            booster = estimator.get_booster() if estimator.__sklearn_is_fitted__() else None
            labels = tuple(np.asarray(getattr(estimator, "classes_", ())).tolist())
        if not isinstance(booster, library.Booster):
            raise InvalidInputError(
                f"Expected a fitted XGBoost model, found a {type(estimator).__name__}.", hint="Fit it first."
            )
        best = booster.attr("best_iteration")
        model = parse_json(bytes((booster[: int(best) + 1] if best else booster).save_raw("json")))
        return Adopted(
            estimator=_booster(model),
            columns=tuple(booster.feature_names or ()),
            classes=labels if model.classes and labels else tuple(range(model.classes)),
        )

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """As XGBoost's JSON: the trees and what they answer, without parameters of training."""
        return {MEMBER: parse_json(bytes(estimator.save_raw("json"))).to_bytes()}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """From its JSON; XGBoost reads what was judged, not what came."""
        model = judged_member(members, MEMBER, parse_json, "XGBoost", columns=columns, classes=classes)
        return _booster(model)

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """What the booster answers; for two classes with the other probability beside it."""
        values = np.asarray(estimator.inplace_predict(matrix))
        return with_other_class(values, classes=classes)

    def contribute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.float64]:
        """XGBoost's own TreeSHAP; see `flavor.ContributingFlavor`."""
        del classes  # the booster knows
        rows = _library().DMatrix(matrix, nthread=1)
        found = np.asarray(estimator.predict(rows, pred_contribs=True, strict_shape=True), dtype=np.float64)
        return found.reshape(len(matrix), -1, matrix.shape[1] + 1)

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """By onnxmltools."""
        del classes  # the booster knows
        try:
            from onnxmltools import convert_xgboost
            from onnxmltools.convert.common.data_types import FloatTensorType
        except ImportError as error:
            raise MissingExtraError("onnxmltools", _EXTRA) from error
        graph = convert_xgboost(
            estimator,
            name="model",
            initial_types=[(INPUT_NAME, FloatTensorType([None, columns]))],
            target_opset=TREE_OPSET,
        )
        return finish(graph)


def read_json(data: bytes) -> Any:
    """A booster from XGBoost's JSON of foreign origin.

    Raises:
        InvalidInputError: It is none, or cannot be packaged.
    """
    return _booster(parse_json(data))


def _library() -> Any:
    try:
        import xgboost
    except ImportError as error:
        raise MissingExtraError("xgboost", _EXTRA) from error
    return xgboost


def _booster(model: JsonModel) -> Any:
    library = _library()
    try:
        return library.Booster({"nthread": 1}, model_file=bytearray(model.to_bytes()))
    except library.core.XGBoostError as error:
        raise UnsafeArtifactError(f"The XGBoost model does not load: {str(error).splitlines()[0]}") from error
