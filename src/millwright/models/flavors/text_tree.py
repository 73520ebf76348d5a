"""LightGBM's text: read, judged and written anew.

LightGBM follows the indices in its text without looking at bounds, and takes the sizes in it for offsets. So nothing of
a text reaches LightGBM but what was understood here: numbers in arrays of the right length, children and columns that
exist, and sizes counted anew. Names, parameters and whatever else only training needs are left out.

| line of a tree | entries |
|---|---|
| `leaf_*` | one per leaf |
| `split_*`, `threshold`, `decision_type`, `left_child`, `right_child`, `internal_*` | one per inner node: leaves - 1 |
| `cat_boundaries`, `cat_threshold` | bit sets of categorical splits; `threshold` of such a node is the set's number |

`decision_type`: bit 0 categorical, bit 1 missing values go left, bits 2 and 3 what is missing (0 nothing, 1 zero and
NaN, 2 NaN). A child below 0 is the leaf `-1 - child`. Source: `src/io/tree.cpp` and `gbdt_model_text.cpp` of
LightGBM 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.models.flavors.threshold import round_down

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_CLASSES = {"binary", "multiclass"}
_NUMBERS = {
    "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie",
}  # fmt: skip
_OBJECTIVE = re.compile(r"[a-z0-9_]+( [a-z0-9_]+(:[0-9.e+-]+)?)*")
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|inf)")
_PER_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_PER_SPLIT = (
    "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child",
    "internal_value", "internal_weight", "internal_count",
)  # fmt: skip
_CATEGORICAL = ("cat_boundaries", "cat_threshold")
_NEEDED = {"leaf_value", "split_feature", "threshold", "decision_type", "left_child", "right_child"}
_IS_CATEGORICAL, _GOES_LEFT, _MISSING_SHIFT = 1, 2, 2
_NOTHING, _ZERO, _NAN = 0, 1, 2
_MAX_COLUMNS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TextModel:
    """A judged model.

    Attributes:
        objective: As LightGBM writes it; decides what answers mean.
        columns: How many it takes.
        outputs: Trees per iteration: the number of classes when there are three or more, else 1.
        averages: Whether answers are means over the trees (random forests).
        trees: For each tree its lines, name to numbers as text.
    """

    objective: str
    columns: int
    outputs: int
    averages: bool
    trees: tuple[Mapping[str, str], ...]

    @property
    def classes(self) -> int:
        """Classes it tells apart; 0 when it answers numbers."""
        if self.objective.split()[0] in _NUMBERS:
            return 0
        return max(2, self.outputs)

    def to_bytes(self) -> bytes:
        """As a text that LightGBM reads."""
        blocks = [
            "".join(f"{line}\n" for line in (f"Tree={index}", *(f"{name}={text}" for name, text in tree.items())))
            + "\n\n"
            for index, tree in enumerate(self.trees)
        ]
        head = [
            "tree", "version=v4", f"num_class={self.outputs}", f"num_tree_per_iteration={self.outputs}",
            "label_index=0", f"max_feature_idx={self.columns - 1}", f"objective={self.objective}",
            *(["average_output"] if self.averages else []),
            "feature_names=" + " ".join(f"Column_{index}" for index in range(self.columns)),
            "feature_infos=" + " ".join(["none"] * self.columns),
            "tree_sizes=" + " ".join(str(len(block)) for block in blocks),
        ]  # fmt: skip
        return ("\n".join(head) + "\n\n" + "".join(blocks) + "end of trees\n\npandas_categorical:null\n").encode()


def parse_text(data: bytes) -> TextModel:
    """A model from LightGBM's text.

    Raises:
        InvalidInputError: It is none, holds a tree that is out of bounds, or is of a kind that has no package: linear
            trees, objectives of one's own, rankings.
    """
    try:
        head, *blocks = data.decode().partition("\nend of trees")[0].split("\nTree=")
        lines = _lines(head)
        objective = lines.get("objective", "")
        model = TextModel(
            objective=objective,
            columns=int(lines["max_feature_idx"]) + 1,
            outputs=int(lines["num_class"]),
            averages="average_output" in head.splitlines(),
            trees=(),
        )
        _judge_head(model, lines, len(blocks))
        return replace(model, trees=tuple(_tree(block, model.columns) for block in blocks))
    except (KeyError, ValueError, IndexError) as error:
        raise InvalidInputError(f"Expected a model as LightGBM's text, found something else ({error!r}).") from error


def single_precision(model: TextModel) -> TextModel:
    """A model that answers float32 rows as before, spelled as ONNX reads it.

    Thresholds are rounded down to float32 (see `threshold.round_thresholds`). A node that knows no missing values takes
    NaN for 0; here it says on which side 0 lies, and that NaN goes there.
    """
    return replace(model, trees=tuple(_single_tree(tree) for tree in model.trees))


def _judge_head(model: TextModel, lines: Mapping[str, str], trees: int) -> None:
    words = model.objective.split()
    if not words or words[0] not in _CLASSES | _NUMBERS or not _OBJECTIVE.fullmatch(model.objective):
        raise InvalidInputError(
            f"Expected a LightGBM model with an objective among {sorted(_CLASSES | _NUMBERS)},"
            f" found '{model.objective[:60] or 'none'}'.",
            hint="What its answers mean is not known otherwise.",
        )
    wanted = max(2, model.outputs) if words[0] == "multiclass" else 1
    told = [int(word.partition(":")[2]) for word in words if word.startswith("num_class:")]
    if not 1 <= model.columns <= _MAX_COLUMNS or model.outputs != wanted or any(each != wanted for each in told):
        raise InvalidInputError(
            f"A LightGBM model for {model.columns} columns with the objective '{model.objective}' cannot have"
            f" {model.outputs} outputs."
        )
    if int(lines["num_tree_per_iteration"]) != wanted or trees % wanted or not trees:
        raise InvalidInputError(f"Expected {wanted} trees per iteration of the LightGBM model, found {trees} in all.")


def _lines(block: str) -> dict[str, str]:
    return dict(_pairs(block))


def _pairs(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        name, equals, text = line.partition("=")
        if equals:
            yield name, text


def _tree(block: str, columns: int) -> dict[str, str]:
    lines = _lines("index=" + block)
    if lines.get("is_linear", "0") != "0":
        raise InvalidInputError("The LightGBM model has linear trees, which have no package.")
    leaves, sets = int(lines["num_leaves"]), int(lines["num_cat"])
    if leaves < 1 or sets < 0:
        raise _refuse(f"{leaves} leaves")
    splits = leaves - 1
    sizes = dict.fromkeys(_PER_LEAF, leaves) | dict.fromkeys(_PER_SPLIT, splits)
    kept = {"num_leaves": str(leaves), "num_cat": str(sets)}
    arrays: dict[str, NDArray[Any]] = {}
    for name in (*_PER_SPLIT, *_PER_LEAF, *(_CATEGORICAL if sets else ())):
        if name not in lines:
            if name in _NEEDED and sizes[name]:
                raise _refuse(f"no {name}")
            continue
        words = lines[name].split()
        if name in sizes and len(words) != sizes[name]:
            raise _refuse(f"{len(words)} entries in {name}, expected {sizes[name]}")
        if not all(map(_NUMBER.fullmatch, words)):
            raise _refuse(f"something in {name} that is no number")
        arrays[name] = np.array([float(word) for word in words])
        kept[name] = " ".join(words)
    if splits:
        _judge_splits(arrays, leaves, columns, sets)
    if not np.isfinite(arrays["leaf_value"]).all():
        raise _refuse("a leaf that is no finite number")
    return {**kept, "is_linear": "0", "shrinkage": "1"}


def _judge_splits(arrays: Mapping[str, NDArray[Any]], leaves: int, columns: int, sets: int) -> None:
    parents = np.arange(leaves - 1)
    reached: list[NDArray[Any]] = []
    for name in ("left_child", "right_child"):
        child = _whole(arrays, name)
        # Nodes are numbered after their parent; a smaller number would make a loop that never ends.
        if (child >= leaves - 1).any() or (child < -leaves).any() or ((child >= 0) & (child <= parents)).any():
            raise _refuse(f"a child outside its tree of {leaves} leaves")
        reached.append(child)
    every = np.concatenate(reached)
    if len(np.unique(every)) != len(every):
        raise _refuse("two branches with one child")
    feature, kind = _whole(arrays, "split_feature"), _whole(arrays, "decision_type")
    if feature.min() < 0 or feature.max() >= columns:
        raise _refuse(f"a column outside 0 … {columns - 1}")
    if kind.min() < 0 or (kind >> _MISSING_SHIFT).max() > _NAN:
        raise _refuse("a kind of decision that LightGBM doesn't have")
    _judge_sets(arrays, (kind & _IS_CATEGORICAL) > 0, sets)


def _judge_sets(arrays: Mapping[str, NDArray[Any]], categorical: NDArray[Any], sets: int) -> None:
    if not categorical.any():
        return
    if not sets:
        raise _refuse("a categorical split without categories")
    number = arrays["threshold"][categorical]
    bounds, bits = _whole(arrays, "cat_boundaries"), _whole(arrays, "cat_threshold")
    whole = (number == np.floor(number)).all()
    if not whole or number.min() < 0 or number.max() >= sets or len(bounds) != sets + 1:
        raise _refuse("a set of categories that is not there")
    if bounds[0] != 0 or (np.diff(bounds) < 0).any() or bounds[-1] != len(bits):
        raise _refuse("sets of categories with wrong bounds")
    if len(bits) and (bits.min() < 0 or bits.max() >= 2**32):
        raise _refuse("a set of categories that is no bit set")


def _whole(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.int64]:
    values = arrays[name]
    if not np.isfinite(values).all() or (np.abs(values) > 2**53).any() or (values != np.floor(values)).any():
        raise _refuse(f"something in {name} that is no whole number")
    return values.astype(np.int64)


def _refuse(reason: str) -> InvalidInputError:
    return InvalidInputError(f"The LightGBM model holds a tree that is out of bounds: {reason}.")


def _single_tree(tree: Mapping[str, str]) -> dict[str, str]:
    if not tree.get("threshold"):
        return dict(tree)
    thresholds = np.array([float(word) for word in tree["threshold"].split()])
    kinds = np.array([int(word) for word in tree["decision_type"].split()])
    numeric = (kinds & _IS_CATEGORICAL) == 0
    unaware = numeric & (kinds >> _MISSING_SHIFT == _NOTHING)
    kinds[unaware] = np.where(thresholds[unaware] >= 0, _GOES_LEFT, 0) | (_NAN << _MISSING_SHIFT)
    thresholds[numeric] = round_down(thresholds[numeric])
    written = " ".join(repr(float(value)) for value in thresholds)
    return {**tree, "threshold": written, "decision_type": " ".join(str(int(kind)) for kind in kinds)}
