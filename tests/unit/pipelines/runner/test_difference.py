from __future__ import annotations

import json
from typing import Any

import pytest

from millwright.pipelines.runner.difference import brief, brief_inputs, brief_units, differences, enumerated

BASE: dict[str, Any] = {
    "version": 2,
    "function": "pipeline.train",
    "code": "0" * 16,
    "units": brief_units({
        "pipeline.train": "f000000",
        "features.scale": "f111111",
        "features.Model": "c222222",
        "features.LIMIT": "=10",
        "features.NAMES": "v333333",
        "features.Model object": "o444444",
        "features.make.<locals>.add": "f555555",
        "features.<lambda>": "f666666",
        "late.*": "m777777",
    }),
    "packages": ["scikit-learn==1.8", "numpy==2.4"],
    "environ": {"REGION": "aaaaaa"},
    "params": {"trials": 30, "names": "~bbbbbb"},
    "inputs": {"table": ["polars", "c" * 12]},
    "from": {"table": "clean"},
    "files": {"source": [["data.csv", "dddddd"]]},
    "state": "eeeeee",
    "extras": {"round": 1},
}  # fmt: skip


def with_unit(label: str, shown: str | None) -> dict[str, Any]:
    place, _, name = label.rpartition(".")
    inside = {key: value for key, value in BASE["units"].get(place, {}).items() if key != name}
    units = {**BASE["units"], place: {**inside, **({name: shown} if shown else {})}}
    return {**BASE, "code": "1" * 16, "units": units}


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (with_unit("pipeline.train", "f1"), "its own code changed"),
        (with_unit("features.scale", "f1"), "helper features.scale changed"),
        (with_unit("features.Model", "c1"), "class features.Model changed"),
        (with_unit("features.LIMIT", "=11"), "constant features.LIMIT: 10 → 11"),
        (with_unit("features.LIMIT", "v1"), "constant features.LIMIT changed"),
        (with_unit("features.NAMES", "v1"), "constant features.NAMES changed"),
        (with_unit("features.Model object", "o1"), "object features.Model changed"),
        (with_unit("features.make.<locals>.add", "f1"), "helper features.make.add changed"),
        (with_unit("features.<lambda>", "f1"), "a lambda in features changed"),
        (with_unit("late.*", "m1"), "module late changed"),
        (with_unit("features.new", "f1"), "helper features.new is reached now"),
        (with_unit("features.scale", None), "helper features.scale is not reached any more"),
        ({**BASE, "function": "other.train"}, "its function is other.train in place of pipeline.train"),
        ({**BASE, "code": "1" * 16}, "its code changed"),
        ({**BASE, "packages": ["scikit-learn==1.9", "numpy==2.4"]}, "package scikit-learn 1.8 → 1.9"),
        ({**BASE, "packages": ["numpy==2.4"]}, "package scikit-learn is gone"),
        ({**BASE, "params": {**BASE["params"], "trials": 40}}, "parameter 'trials': 30 → 40"),
        ({**BASE, "params": {**BASE["params"], "trials": "~f"}}, "parameter 'trials' changed"),
        ({**BASE, "params": {**BASE["params"], "names": "~f"}}, "parameter 'names' changed"),
        ({**BASE, "params": {**BASE["params"], "more": 1}}, "parameter 'more' is new"),
        ({**BASE, "inputs": {"table": ["polars", "f" * 12]}}, "input 'table' changed (from step clean)"),
        ({**BASE, "inputs": {}}, "input 'table' is gone"),
        ({**BASE, "items": 3}, "its items: None → 3"),
        ({**BASE, "files": {"source": [["data.csv", "f"]]}}, "file data.csv changed"),
        ({**BASE, "files": {"source": [["new.csv", "f"]]}}, "file new.csv in place of data.csv"),
        ({**BASE, "files": {"source": [["data.csv", "dddddd"], ["b.csv", "f"]]}}, "file b.csv is new"),
        ({**BASE, "files": {}}, "file data.csv is gone"),
        ({**BASE, "environ": {"REGION": "f"}}, "environment variable REGION changed"),
        ({**BASE, "environ": {"REGION": None}}, "environment variable REGION changed"),
        ({**BASE, "state": "f"}, "the outside state that it declares changed"),
        ({**BASE, "extras": {"round": 2}}, 'its extras: {"round": 1} → {"round": 2}'),
        ({**BASE, "version": 3}, "this version of Millwright makes keys in another way"),
    ],
)
def test_each_difference_is_told_in_words(new: dict[str, Any], told: str) -> None:
    assert differences(BASE, new) == [told]


def test_file_of_the_same_content_under_another_name_makes_no_difference() -> None:
    assert differences(BASE, {**BASE, "files": {"source": [["moved.csv", "dddddd"]]}}) == []


def test_several_differences_are_told_code_first() -> None:
    new = {**with_unit("features.scale", "f1"), "params": {"trials": 1, "names": "~bbbbbb"}, "environ": {}}
    assert differences(BASE, new) == [
        "helper features.scale changed",
        "parameter 'trials': 30 → 1",
        "environment variable REGION is gone",
    ]


def test_what_a_changed_function_reaches_newly_is_not_told_on_its_own() -> None:
    units = {**BASE["units"], "pipeline": {"train": "f1"}, "fresh": {"help": "f2"}}
    assert differences(BASE, {**BASE, "units": units}) == ["its own code changed"]


def test_nothing_is_told_without_parts_or_differences() -> None:
    assert differences({}, BASE) == differences(BASE, {}) == differences(BASE, json.loads(json.dumps(BASE))) == []


@pytest.mark.parametrize("value", [None, True, 3, 1.5, "short", [1, 2], {"a": 1}])
def test_short_values_are_kept(value: object) -> None:
    assert brief(value) == value


def test_long_values_are_kept_as_digests_and_none_is_taken_for_one() -> None:
    assert str(brief("x" * 500)).startswith("~")
    assert brief("x" * 500) != brief("y" * 500)
    assert len(str(brief(list(range(1000))))) == 7
    assert brief("~abc") != "~abc"


def test_units_of_many_functions_stay_small_and_still_tell_changes() -> None:
    many = {
        f"project.features.module_{number // 30}.function_number_{number}": f"f{number:06}" for number in range(300)
    }
    found = brief_units(many)
    assert len(json.dumps(found)) < 10_000
    huge = {f"project.module_{number // 100}.function_number_{number}": f"f{number:06}" for number in range(2_000)}
    small = brief_units(huge)
    assert len(json.dumps(small)) < 10_000
    changed = brief_units({**huge, "project.module_3.function_number_301": "f1"})
    assert differences({**BASE, "units": small}, {**BASE, "units": changed}) == ["module project.module_3 changed"]


def test_inputs_of_a_long_list_are_kept_as_one() -> None:
    few = {f"parts[{number}]": ["json", f"{number:064}"] for number in range(3)}
    assert set(brief_inputs(few)) == set(few)
    many = {f"parts[{number}]": ["json", f"{number:064}"] for number in range(100)}
    found = brief_inputs({**many, "other": ["json", "0" * 64]})
    assert found["parts"][0] == "100 items"
    assert found["other"] == ["json", "0" * 12]
    assert found["parts"] != brief_inputs({**many, "parts[7]": ["json", "f" * 64]})["parts"]


def test_items_of_a_step_without_a_key_are_told_apart_when_nothing_else_is() -> None:
    old, new = {**BASE, "each": "aaaaaa"}, {**BASE, "each": "bbbbbb"}
    assert differences(old, new) == ["its items changed"]
    assert differences(old, {**new, "extras": 2}) == ['its extras: {"round": 1} → 2']
    assert differences(BASE, new) == []


def test_first_differences_are_enumerated_and_the_others_counted() -> None:
    assert enumerated(["a", "b"]) == "a, b"
    assert enumerated(list("abcdef")) == "a, b, c, d and 2 more"
