from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.models.archive import read_archive
from millwright.models.flavors.canonical import SCHEMA_NAME
from millwright.models.flavors.inspection import inspect_schema
from millwright.models.flavors.sklearn import dump_estimator

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.models.model import Model


@pytest.fixture(scope="module")
def members(tree_model: Model) -> dict[str, bytes]:
    return read_archive(dump_estimator(tree_model.estimator), what="a skops file")


@pytest.fixture(scope="module")
def boosted(make_model: Callable[..., Model]) -> dict[str, bytes]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    estimator = make_model(HistGradientBoostingClassifier(max_iter=3, random_state=0), scale=False).estimator
    return read_archive(dump_estimator(estimator), what="a skops file")


def _tampered(members: dict[str, bytes], field: str, value: Any) -> dict[str, bytes]:
    """The members with one field of the first inner node of every record array set to a value."""
    changed = dict(members)
    for name, content in members.items():
        if not name.endswith(".npy"):
            continue
        array = np.load(io.BytesIO(content))
        if array.dtype.names and field in array.dtype.names:
            array[field][0] = value
            buffer = io.BytesIO()
            np.save(buffer, array)
            changed[name] = buffer.getvalue()
    assert changed != members
    return changed


def test_inspection_passes_what_training_makes(members: dict[str, bytes], boosted: dict[str, bytes]) -> None:
    inspect_schema(members)
    inspect_schema(boosted)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("left_child", 10_000, "a child outside"),
        ("right_child", 0, "a child outside"),
        ("left_child", -7, "a child outside"),
        ("feature", 10_000, "a feature index"),
        ("feature", -5, "a feature index"),
        ("threshold", np.nan, "no finite number"),
    ],
)
def test_inspection_refuses_a_tree_that_is_out_of_bounds(
    members: dict[str, bytes], field: str, value: float, reason: str
) -> None:
    with pytest.raises(UnsafeArtifactError, match=reason):
        inspect_schema(_tampered(members, field, value))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("left", 4_000_000_000, "a child outside"),
        ("right", 0, "a child outside"),
        ("is_categorical", 1, "a categorical split"),
        ("num_threshold", np.nan, "not a number"),
        ("value", np.inf, "not a number"),
    ],
)
def test_inspection_refuses_a_boosted_tree_that_is_out_of_bounds(
    boosted: dict[str, bytes], field: str, value: float, reason: str
) -> None:
    with pytest.raises(UnsafeArtifactError, match=reason):
        inspect_schema(_tampered(boosted, field, value))


def test_inspection_refuses_a_node_count_that_is_not_the_arrays(members: dict[str, bytes]) -> None:
    schema = json.loads(members[SCHEMA_NAME])
    text = json.dumps(schema)
    count = next(node for node in _walk(schema) if "node_count" in node)["node_count"]["content"]
    forged = text.replace(f'"content": "{count}"', '"content": "999999"')

    with pytest.raises(UnsafeArtifactError, match="999999 nodes announced"):
        inspect_schema({**members, SCHEMA_NAME: forged.encode()})


def _walk(node: Any) -> Any:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


@pytest.mark.parametrize(
    "node",
    [
        {"__loader__": "FunctionNode", "__module__": "os", "__class__": "function", "content": "system"},
        {"__loader__": "MethodNode", "__module__": "builtins", "__class__": "str", "content": {}},
        {"__loader__": "OperatorFuncNode", "__module__": "operator", "__class__": "methodcaller"},
        {"__loader__": "PartialNode", "__module__": "functools", "__class__": "partial"},
        {"__loader__": "ObjectNode", "__module__": "subprocess", "__class__": "Popen"},
        {"__loader__": "TreeNode", "__module__": "builtins", "__class__": "eval"},
        {"__loader__": "NewNode", "__module__": "x", "__class__": "y"},
    ],
)
def test_inspection_refuses_nodes_that_are_not_on_the_list_wherever_they_hide(node: dict[str, Any]) -> None:
    schema = {"__loader__": "ListNode", "__module__": "builtins", "__class__": "list", "content": [{"deep": [node]}]}

    with pytest.raises(UnsafeArtifactError):
        inspect_schema({SCHEMA_NAME: json.dumps(schema).encode()})


@pytest.mark.parametrize("schema", [b"", b"{", b'{"__loader__": "TreeNode"}', b"\xff"])
def test_inspection_refuses_a_schema_that_is_not_as_skops_writes_it(schema: bytes) -> None:
    with pytest.raises(UnsafeArtifactError):
        inspect_schema({SCHEMA_NAME: schema} if schema else {})
