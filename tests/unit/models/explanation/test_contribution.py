from __future__ import annotations

from millwright.models.explanation import Contributions


def test_contributions_add_up_and_are_written_with_the_largest_first() -> None:
    found = Contributions(
        output="prediction", scale="answer", base=1.0, values={"a": 0.5, "b": -2.0, "c": 0.0}, method="tree"
    )

    assert found.total == -0.5
    assert found.to_json() == {
        "output": "prediction", "scale": "answer", "base": 1.0, "method": "tree",
        "contributions": {"b": -2.0, "a": 0.5, "c": 0.0},
    }  # fmt: skip
    assert list(found.to_json()["contributions"]) == ["b", "a", "c"]
