"""The LightGBM flavor: boosters as LightGBM's own text, judged and written anew before LightGBM reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError, UnsafeArtifactError
from millwright.models.flavors.boosted import judged_member, with_other_class
from millwright.models.flavors.conversion import finish
from millwright.models.flavors.flavor import Adopted
from millwright.models.flavors.text_tree import TextModel, parse_text, single_precision
from millwright.models.graph import INPUT_NAME, TREE_OPSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

MEMBER = "model.lightgbm.txt"
_EXTRA = "lightgbm"


class LightgbmFlavor:
    """`Booster`, `LGBMClassifier` and `LGBMRegressor`; predictions run on one thread."""

    name = "lightgbm"
    members = frozenset({MEMBER})
    libraries = ("lightgbm", "onnxmltools")
    uncompiled = ""

    def handles(self, estimator: Any) -> bool:
        """True for LightGBM's own classes."""
        return type(estimator).__module__.partition(".")[0] == "lightgbm"

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The booster inside, cut at its best iteration, without what only training needs."""
        del sample  # its columns are told by their names, or tried
        library = _library()
        labels: tuple[Any, ...] | None = None
        booster = estimator
        if isinstance(estimator, library.LGBMModel):
            booster = getattr(estimator, "booster_", None) if hasattr(estimator, "fitted_") else None
            labels = tuple(np.asarray(estimator.classes_).tolist()) if hasattr(estimator, "classes_") else None
        if not isinstance(booster, library.Booster):
            raise InvalidInputError(
                f"Expected a fitted LightGBM model, found a {type(estimator).__name__}.", hint="Fit it first."
            )
        if booster.pandas_categorical:
            raise InvalidInputError(
                "The LightGBM model was trained on categories of pandas, whose codes only pandas knows.",
                hint="Train it on numbers: Encoder.fit(rows, signature).encode(…) gives categories codes of their own.",
            )
        text = parse_text(booster.model_to_string().encode())
        classes = labels if text.classes and labels else tuple(range(text.classes))
        return Adopted(estimator=_booster(text), columns=tuple(booster.feature_name()), classes=classes)

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """As LightGBM's text: the trees and what they answer, without parameters of training."""
        return {MEMBER: parse_text(estimator.model_to_string().encode()).to_bytes()}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """From its text; LightGBM reads what was judged, not what came."""
        text = judged_member(members, MEMBER, parse_text, "LightGBM", columns=columns, classes=classes)
        return _booster(text)

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """What the booster answers; for two classes with the other probability beside it."""
        values = np.asarray(estimator.predict(matrix, num_threads=1))
        return with_other_class(values, classes=classes)

    def contribute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.float64]:
        """LightGBM's own TreeSHAP; see `flavor.ContributingFlavor`."""
        del classes  # the booster knows
        found = np.asarray(estimator.predict(matrix, pred_contrib=True, num_threads=1), dtype=np.float64)
        found = found.reshape(len(matrix), -1, matrix.shape[1] + 1)
        if "\naverage_output\n" in estimator.model_to_string(num_iteration=1):
            # LightGBM adds the contributions of a forest's trees up, and takes the mean of their answers.
            found /= estimator.num_trees() // estimator.num_model_per_iteration()
        return found

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """By onnxmltools, from trees whose thresholds and nulls are spelled as ONNX reads them."""
        del classes  # the booster knows
        try:
            from onnxmltools import convert_lightgbm
            from onnxmltools.convert.common.data_types import FloatTensorType
        except ImportError as error:
            raise MissingExtraError("onnxmltools", _EXTRA) from error
        text = single_precision(parse_text(estimator.model_to_string().encode()))
        graph = convert_lightgbm(
            _booster(text),
            name="model",
            initial_types=[(INPUT_NAME, FloatTensorType([None, columns]))],
            target_opset=TREE_OPSET,
            zipmap=False,
        )
        return finish(graph)


def read_text(data: bytes) -> Any:
    """A booster from LightGBM's text of foreign origin.

    Raises:
        InvalidInputError: It is none, or cannot be packaged.
    """
    return _booster(parse_text(data))


def _library() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtraError("lightgbm", _EXTRA) from error
    return lightgbm


def _booster(text: TextModel) -> Any:
    library = _library()
    try:
        return library.Booster(model_str=text.to_bytes().decode())
    except library.basic.LightGBMError as error:
        raise UnsafeArtifactError(f"The LightGBM model does not load: {error}") from error
