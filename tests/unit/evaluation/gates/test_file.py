from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.evaluation.gates.catalog import gate_names, gate_type
from millwright.evaluation.gates.file import default_gates, dump_gates, load_gates, parse_gates
from millwright.evaluation.gates.spec import GateSpec
from millwright.models.task import Task

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = [GateSpec(gate=name, params=dict(gate_type(name).example)) for name in gate_names()]


def test_load_gates_reads_a_file(tmp_path: Path):
    file = tmp_path / "gates.yaml"
    file.write_text("gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 0.75\n  - gate: signature\n")

    assert load_gates(file) == (
        GateSpec(gate="threshold", params={"metric": "roc_auc", "min": 0.75}),
        GateSpec(gate="signature"),
    )


def test_load_gates_says_when_there_is_no_file(tmp_path: Path):
    with pytest.raises(NotFoundError, match="There is no gates file"):
        load_gates(tmp_path / "gates.yaml")


def test_load_gates_says_when_a_file_cannot_be_read(tmp_path: Path):
    file = tmp_path / "gates.yaml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidInputError, match="cannot be read"):
        load_gates(file)


def test_parse_gates_takes_an_empty_list():
    assert parse_gates("gates: []") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gates: [", "my.yaml is not valid YAML"),
        ("", "expected a list under the key 'gates', found none. Start from"),
        ("gatess: []", "expected a list under the key 'gates', found none. Did you mean 'gates'"),
        ("gates: {}", "expected a list under the key 'gates'"),
        ("gates: []\ngate: x", "unknown key 'gate'. Did you mean 'gates'"),
        ("gates:\n  - 3", "gate 1: expected settings with the key 'gate', found 3"),
        ("gates:\n  - gate: signature\n  - metric: f1", "gate 2: expected settings with the key 'gate'"),
        ("gates:\n  - gate: sise", "gate 1: There is no gate 'sise'. Did you mean 'size'"),
    ],
)
def test_parse_gates_says_what_is_wrong(text: str, message: str):
    with pytest.raises(InvalidInputError) as caught:
        parse_gates(text, origin="my.yaml")

    assert str(caught.value).startswith("my.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("task", list(Task))
def test_default_gates_survive_the_file(task: Task):
    specs = default_gates(task)

    assert parse_gates(dump_gates(specs)) == specs


@given(st.lists(st.sampled_from(EXAMPLES), max_size=5))
def test_dumped_gates_are_read_back(specs: list[GateSpec]):
    assert parse_gates(dump_gates(specs)) == tuple(specs)


@pytest.mark.parametrize("task", [Task.BINARY, Task.REGRESSION])
def test_gates_shown_as_comments_can_be_used_by_removing_the_marks(task: Task):
    text, _, more = dump_gates(default_gates(task)).partition("# More gates; remove the '# ' to use one:\n")

    used = parse_gates(text + "\n".join(line.removeprefix("#").removeprefix(" ") for line in more.splitlines()))

    assert {spec.gate for spec in used} == set(gate_names())
    added = {spec.params["metric"] for spec in used if spec.gate in {"threshold", "slice_floor"}}
    assert added == ({"rmse"} if task is Task.REGRESSION else {"recall", "accuracy"})


def test_dump_gates_explains_each_gate():
    text = dump_gates([GateSpec(gate="size", params={"max_mb": 5})])

    assert "  # The model's package is at most `max_mb` megabytes.\n  - gate: size\n    max_mb: 5\n" in text
