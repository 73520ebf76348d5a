from __future__ import annotations

from millwright.server.mlflow.pair import Pair, pairs


def test_mapping_becomes_pairs_in_its_order():
    assert pairs({"b": "1", "a": ""}) == [Pair("b", "1"), Pair("a", "")]
