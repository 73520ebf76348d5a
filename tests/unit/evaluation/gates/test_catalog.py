from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.evaluation.gates import catalog
from millwright.evaluation.gates.gate import Gate
from millwright.evaluation.gates.size import Size
from millwright.evaluation.gates.spec import GateSpec, build_gate


@pytest.mark.parametrize("name", catalog.gate_names())
class TestEveryGate:
    """The check list that each gate goes through, found by discovery."""

    def test_bears_the_name_it_is_found_under(self, name: str):
        assert catalog.gate_type(name).name == name

    def test_can_be_built_from_its_example(self, name: str):
        gate = build_gate(GateSpec(gate=name, params=catalog.gate_type(name).example))

        assert isinstance(gate, Gate)

    def test_says_what_it_asks_for_in_one_line(self, name: str):
        about = catalog.gate_type(name).about

        assert about.endswith(".")
        assert "\n" not in about


def test_gate_type_names_the_nearest_when_there_is_none():
    with pytest.raises(InvalidInputError, match=r"no gate 'latencey'. Did you mean 'latency'"):
        catalog.gate_type("latencey")


def test_gate_type_finds_the_gate_of_an_installed_package(monkeypatch: pytest.MonkeyPatch):
    entry = EntryPoint(name="weight", value="millwright.evaluation.gates.size:Size", group=catalog.ENTRY_POINT_GROUP)
    monkeypatch.setattr(catalog, "entry_points", lambda **_: [entry])

    assert catalog.gate_type("weight") is Size
    assert catalog.gate_names()[-1] == "weight"


def test_gate_type_refuses_an_entry_point_that_is_no_gate(monkeypatch: pytest.MonkeyPatch):
    entry = EntryPoint(name="weight", value="math:pi", group=catalog.ENTRY_POINT_GROUP)
    monkeypatch.setattr(catalog, "entry_points", lambda **_: [entry])

    with pytest.raises(ConfigurationError, match=r"'weight' \(math:pi\) is not a class"):
        catalog.gate_type("weight")
