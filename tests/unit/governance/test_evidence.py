from __future__ import annotations

from datetime import UTC, datetime

from millwright.governance.evidence import (
    CodeEvidence,
    DatasetEvidence,
    HistoryEvidence,
    compiled,
    moment,
    quantized,
    shown,
)

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_moment_is_in_utc_to_the_second():
    assert moment(AT) == "2026-01-02 03:04:05 UTC"
    assert moment(None) == "-"


def test_shown_writes_values_for_people():
    assert shown({"C": 0.123456, "deep": [1, True, None], "none": {}}) == "C=0.1235, deep=1, true, -, none=-"
    assert shown("text") == "text"


def test_compiled_says_in_a_sentence_what_became_of_the_compiled_model():
    proven = {"status": "proven", "reason": "agreed on 9 rows", "max_difference": 5e-07, "tolerance": 0.0001}
    said = "Proven: agreed on 9 rows; the largest difference is 5e-07, and 0.0001 is allowed."
    assert compiled(proven) == said
    assert compiled({"status": "refused", "reason": "no form"}) == "Refused: no form."
    assert compiled({}) == "It was not compiled."


def test_quantized_says_what_8_bit_weights_cost():
    used = {
        "status": "used",
        "reason": "",
        "loss": 0.012,
        "labels_changed": 0.02,
        "size_bytes": 2100,
        "original_bytes": 8000,
    }
    said = "used; on the sample the largest loss is 0.012, 2.00% of the labels change; 2,100 bytes in place of 8,000"
    assert quantized({"status": "native", "quantization": used}) == said
    assert compiled({"status": "native", "quantization": used}) == f"Native. 8-bit weights: {said}."
    assert quantized({"quantization": {"status": "refused", "reason": "trees", "size_bytes": 0}}) == "refused: trees"
    assert not quantized({"status": "native"})


def test_dataset_line_does_without_a_source():
    found = DatasetEvidence(ref="a@1", rows=1234, digest="f" * 64, created_at=AT)
    assert list(found.lines()) == ["a@1: 1,234 rows, content ffffffffffffffff"]


def test_code_line_says_when_there_is_no_git_and_no_snapshot():
    code = CodeEvidence(entrypoint="m:f", snapshot=None, source_digest="a" * 64, git_commit=None, git_dirty=False)
    assert list(code.lines()) == ["m:f, no snapshot kept, sources aaaaaaaaaaaaaaaa, not in a git repository"]


def test_history_line_shows_what_matters():
    entry = HistoryEvidence(seq=3, at=AT, actor="ada", action="model.register", details={"package": "x"})
    assert list(entry.lines()) == ["#3 2026-01-02 03:04:05 UTC ada model.register"]
