"""Judges a skops file before anything in it is built: node kinds, types, and the arrays that C code will trust.

skops refuses types it doesn't know, but it cannot know what an array means. scikit-learn's tree code follows the
indices in a tree's node array without looking at bounds, so a crafted array reads foreign memory. What is not on
these lists is refused; a new estimator adds its line here together with the checks it needs.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import UnsafeArtifactError
from millwright.models.flavors.canonical import SCHEMA_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

_ALLOWED_NODES = frozenset(
    {
        "DTypeNode", "DictNode", "JsonNode", "ListNode", "LossNode", "NdArrayNode", "ObjectNode",
        "RandomGeneratorNode", "RandomStateNode", "SliceNode", "TreeNode", "TupleNode", "TypeNode",
    }
)  # fmt: skip
_TREE_TYPE = "sklearn.tree._tree.Tree"
_PREDICTOR_TYPE = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
# Types that skops doesn't trust by itself; the two tree types only because their arrays are checked below. Optimizers
# are what neural networks keep of their training: numbers and arrays that no prediction looks at.
ALLOWED_UNTRUSTED = frozenset(
    {
        "numpy.dtype",
        _TREE_TYPE,
        _PREDICTOR_TYPE,
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    }
)


def inspect_schema(members: Mapping[str, bytes]) -> None:
    """Judges the nodes of a skops file and the arrays of its trees.

    Args:
        members: The file's members; `schema.json` among them.

    Raises:
        UnsafeArtifactError: Something is not on the lists, or an array would lead C code astray.
    """
    try:
        schema = json.loads(members[SCHEMA_NAME])
    except (KeyError, ValueError, RecursionError) as error:
        raise UnsafeArtifactError("The estimator's file has no readable schema.") from error
    try:
        for node in _nodes(schema):
            _judge(node, members)
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError, IndexError) as error:
        raise UnsafeArtifactError(f"The estimator's file is not as skops writes it ({error!r}).") from error


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    stack = [schema]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "__loader__" in item:
                yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _judge(node: dict[str, Any], members: Mapping[str, bytes]) -> None:
    loader = node["__loader__"]
    kind = f"{node['__module__']}.{node['__class__']}"
    if loader not in _ALLOWED_NODES:
        raise UnsafeArtifactError(f"The estimator's file holds a {loader} ({kind}), which Millwright does not load.")
    if loader in {"ObjectNode", "TreeNode", "LossNode"} and not kind.startswith("sklearn."):
        raise UnsafeArtifactError(f"The estimator's file holds an object of type {kind}, which is not scikit-learn's.")
    if loader == "TreeNode":
        _judge_tree(node, members)
    elif kind == _PREDICTOR_TYPE:
        _judge_predictor(node, members)


def _json(node: Mapping[str, Any]) -> Any:
    return json.loads(node["content"])


def _array(node: Mapping[str, Any], members: Mapping[str, bytes]) -> NDArray[Any]:
    array: NDArray[Any] = np.load(io.BytesIO(members[node["file"]]), allow_pickle=False)
    return array


def _refuse(reason: str) -> UnsafeArtifactError:
    return UnsafeArtifactError(f"The estimator's file holds a decision tree that is out of bounds: {reason}.")


def _judge_tree(node: dict[str, Any], members: Mapping[str, bytes]) -> None:
    features = _json(node["__reduce__"]["args"]["content"][0])
    state = node["content"]["content"]
    nodes = _array(state["nodes"], members)
    count = _json(state["node_count"])
    if nodes.ndim != 1 or count != len(nodes) or count < 1:
        raise _refuse(f"{count} nodes announced, {nodes.shape} stored")
    inner = nodes["left_child"] != -1
    _judge_children(nodes["left_child"][inner], nodes["right_child"][inner], np.flatnonzero(inner), count)
    feature = nodes["feature"][inner]
    if feature.size and (feature.min() < 0 or feature.max() >= features):
        raise _refuse(f"a feature index outside 0 … {features - 1}")
    if not np.isfinite(nodes["threshold"][inner]).all() or not np.isfinite(_array(state["values"], members)).all():
        raise _refuse("a threshold or a value that is no finite number")


def _judge_predictor(node: dict[str, Any], members: Mapping[str, bytes]) -> None:
    nodes = _array(node["content"]["content"]["nodes"], members)
    if nodes.ndim != 1 or len(nodes) < 1:
        raise _refuse("no nodes")
    inner = nodes["is_leaf"] == 0
    _judge_children(nodes["left"][inner], nodes["right"][inner], np.flatnonzero(inner), len(nodes))
    if nodes["is_categorical"][inner].any():  # their bit sets are one more thing to index; we train without them
        raise _refuse("a categorical split")
    if np.isnan(nodes["num_threshold"][inner]).any() or not np.isfinite(nodes["value"]).all():
        raise _refuse("a threshold or a value that is not a number")  # +inf stands for "everything but missing"


def _judge_children(left: NDArray[Any], right: NDArray[Any], parents: NDArray[Any], count: int) -> None:
    for child in (left.astype(np.int64), right.astype(np.int64)):
        # Builders number children after their parent; a smaller number would make a loop that never ends.
        if child.size and (child.max() >= count or (child <= parents).any()):
            raise _refuse(f"a child outside its tree of {count} nodes")
