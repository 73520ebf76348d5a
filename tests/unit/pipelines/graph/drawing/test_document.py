from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.pipelines.graph.drawing import document

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph


def test_document_says_everything_that_is_known(graph: Graph) -> None:
    found = document(graph)
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert (found["pipeline"], found["params"]) == ("everything", {"source": "a.csv"})
    steps = {step["name"]: step for step in found["steps"]}
    assert steps["load"]["values"] == {"source": "a.csv"}
    assert steps["judge"]["inputs"]["test"] == {"step": "split", "output": 1, "field": ""}
    assert steps["fit"]["mapped"] == ["depot"]
    assert steps["fit"]["outputs"] == [{"name": "result", "type": "list[float]"}]
    assert steps["tell"]["conditions"] == [
        {"step": "judge", "output": 0, "field": "passed", "wanted": True, "negated": False}
    ]
    assert steps["ask-2"]["after"] == ["judge"]
    assert steps["ask-2"]["needs"] == ["judge"]
    assert [step["name"] for step in found["on_failure"]] == ["clean_up", "alarm"]
