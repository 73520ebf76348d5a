"""XGBoost's JSON: read, judged and written anew.

XGBoost follows the indices in a tree's arrays without looking at bounds. So nothing of a file reaches XGBoost but what
was understood here: arrays of the right length, children and columns that exist. Names, attributes and whatever else
only training needs are left out.

A node whose `left_children` is -1 is a leaf, with its value in `split_conditions`. Source: XGBoost's model schema
(`doc/model.schema`) and `src/tree/tree_model.cc`, version 3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CLASSES = {"binary:logistic", "multi:softprob"}
_NUMBERS = {
    "reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror", "reg:gamma", "reg:logistic",
    "reg:tweedie", "reg:quantileerror", "count:poisson",
}  # fmt: skip
_SCORE = re.compile(r"\[?-?[0-9.]+([eE][+-]?[0-9]+)?(,-?[0-9.]+([eE][+-]?[0-9]+)?)*\]?")
_PARAMETER = re.compile(r"[\[\]0-9eE.,+-]{0,200}")
_WHOLE = ("left_children", "right_children", "split_indices", "default_left", "split_type")
_REAL = ("split_conditions", "base_weights", "loss_changes", "sum_hessian")
_ROOT = 2**31 - 1
_MAX_COLUMNS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonModel:
    """A judged model.

    Attributes:
        columns: How many it takes.
        classes: Classes it tells apart; 0 when it answers numbers.
        content: As XGBoost writes it, what it doesn't need left out.
    """

    columns: int
    classes: int
    content: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """As JSON that XGBoost reads, the same bytes for the same model."""
        return json.dumps(self.content, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def parse_json(data: bytes) -> JsonModel:
    """A model from XGBoost's JSON.

    Raises:
        InvalidInputError: It is none, holds a tree that is out of bounds, or is of a kind that has no package: linear
            boosters and DART, several targets, categorical splits, objectives of one's own, rankings.
    """
    try:
        found = json.loads(data)
        learner = found["learner"]
        booster, param = learner["gradient_booster"], learner["learner_model_param"]
        columns, groups = int(param["num_feature"]), int(param["num_class"])
        objective = _objective(learner["objective"])
        _judge_kind(booster, param, objective["name"], groups)
        model = booster["model"]
        trees = [_tree(tree, index, columns) for index, tree in enumerate(model["trees"])]
        told = model["gbtree_model_param"]
        content = {
            "version": [int(part) for part in found["version"]],
            "learner": {
                "attributes": {}, "feature_names": [], "feature_types": [], "objective": objective,
                "learner_model_param": {
                    "base_score": _matching(_SCORE, param["base_score"]), "boost_from_average": "1",
                    "num_class": str(groups), "num_feature": str(columns), "num_target": "1",
                },
                "gradient_booster": {
                    "name": "gbtree",
                    "model": {
                        "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
                        "gbtree_model_param": {
                            "num_parallel_tree": str(int(told["num_parallel_tree"])), "num_trees": str(len(trees)),
                        },
                        "iteration_indptr": _rounds(model["iteration_indptr"], len(trees)),
                        "tree_info": _groups(model["tree_info"], len(trees), max(1, groups)),
                        "trees": trees,
                    },
                },
            },
        }  # fmt: skip
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError, AttributeError) as error:
        raise InvalidInputError(f"Expected a model as XGBoost's JSON, found something else ({error!r}).") from error
    classes = (groups or 2) if objective["name"] in _CLASSES else 0
    return JsonModel(columns=columns, classes=classes, content=content)


def _objective(found: Mapping[str, Any]) -> dict[str, Any]:
    name = found["name"]
    if name not in _CLASSES | _NUMBERS:
        raise InvalidInputError(
            f"Expected an XGBoost model with an objective among {sorted(_CLASSES | _NUMBERS)}, found '{name}'.",
            hint="For classes train with binary:logistic or multi:softprob, which answer probabilities.",
        )
    params = {
        str(each): {str(key): _matching(_PARAMETER, value) for key, value in values.items()}
        for each, values in found.items()
        if each != "name"
    }
    return {"name": name, **params}


def _judge_kind(booster: Mapping[str, Any], param: Mapping[str, Any], objective: str, groups: int) -> None:
    if booster["name"] != "gbtree":
        raise InvalidInputError(f"Expected an XGBoost model of trees ('gbtree'), found '{booster['name']}'.")
    if int(param.get("num_target", 1)) != 1:
        raise InvalidInputError(f"Expected an XGBoost model of one target, found {param['num_target']}.")
    fits = groups >= 2 if objective == "multi:softprob" else groups == 0
    if not fits or not 1 <= int(param["num_feature"]) <= _MAX_COLUMNS:
        raise InvalidInputError(
            f"An XGBoost model for {param['num_feature']} columns with the objective '{objective}' cannot have"
            f" {groups} classes."
        )


def _matching(pattern: re.Pattern[str], text: Any) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise InvalidInputError(f"The XGBoost model holds {str(text)[:40]!r} where a number should be.")
    return text


def _rounds(found: Any, trees: int) -> list[int]:
    bounds = _ints(found, "iteration_indptr")
    if not len(bounds) or bounds[0] != 0 or bounds[-1] != trees or (np.diff(bounds) < 0).any():
        raise _refuse("rounds that don't add up to the trees")
    return [int(bound) for bound in bounds]


def _groups(found: Any, trees: int, groups: int) -> list[int]:
    info = _ints(found, "tree_info")
    if len(info) != trees or (trees and (info.min() < 0 or info.max() >= groups)):
        raise _refuse("a tree for a class that is not there")
    return [int(group) for group in info]


def _tree(found: Mapping[str, Any], index: int, columns: int) -> dict[str, Any]:
    param = found["tree_param"]
    count, deleted = int(param["num_nodes"]), int(param["num_deleted"])
    arrays = {name: _ints(found[name], name) for name in _WHOLE}
    reals = {name: _floats(found[name], name) for name in _REAL}
    if count < 1 or not 0 <= deleted < count or any(len(each) != count for each in (*arrays.values(), *reals.values())):
        raise _refuse(f"{count} nodes announced, {len(arrays['left_children'])} stored")
    if int(param["size_leaf_vector"]) > 1 or found["categories"] or arrays["split_type"].any():
        raise InvalidInputError(
            "The XGBoost model has categorical splits or several targets per tree, which have no package.",
            hint="Train it on numbers: Encoder.fit(rows, signature).encode(…) gives categories codes of their own.",
        )
    parents = _parents(arrays, columns, count)
    return {
        "id": index, "parents": parents, "categories": [], "categories_nodes": [], "categories_segments": [],
        "categories_sizes": [],
        "tree_param": {
            "num_deleted": str(deleted), "num_feature": str(columns), "num_nodes": str(count), "size_leaf_vector": "1",
        },
        **{name: [int(value) for value in values] for name, values in arrays.items()},
        **{name: found[name] for name in _REAL},
    }  # fmt: skip


def _parents(arrays: Mapping[str, NDArray[Any]], columns: int, count: int) -> list[int]:
    left, right = arrays["left_children"], arrays["right_children"]
    inner = np.flatnonzero(left != -1)
    if (right[left == -1] != -1).any():
        raise _refuse("a leaf with a child")
    children, owners = np.concatenate([left[inner], right[inner]]), np.concatenate([inner, inner])
    if len(children) and (children.min() < 0 or children.max() >= count or (children <= owners).any()):
        raise _refuse(f"a child outside its tree of {count} nodes")
    if len(np.unique(children)) != len(children):
        raise _refuse("two branches with one child")
    feature = arrays["split_indices"][inner]
    if len(feature) and (feature.min() < 0 or feature.max() >= columns):
        raise _refuse(f"a column outside 0 … {columns - 1}")
    if not np.isin(arrays["default_left"], (0, 1)).all():
        raise _refuse("a default branch that is neither left nor right")
    parents = np.full(count, _ROOT)
    parents[children] = owners
    return [int(parent) for parent in parents]


def _ints(found: Any, name: str) -> NDArray[np.int64]:
    values = np.array(found if isinstance(found, list) else None)
    if values.ndim != 1 or (len(values) and values.dtype.kind not in "iub"):
        raise _refuse(f"something in {name} that is no whole number")
    return values.astype(np.int64)


def _floats(found: Any, name: str) -> NDArray[np.float64]:
    values = np.array(found if isinstance(found, list) else None)
    if values.ndim != 1 or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise _refuse(f"something in {name} that is no finite number")
    return values.astype(np.float64)


def _refuse(reason: str) -> InvalidInputError:
    return InvalidInputError(f"The XGBoost model holds a tree that is out of bounds: {reason}.")
