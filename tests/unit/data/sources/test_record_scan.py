from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.sources import record_scan
from millwright.data.sources.record_scan import scan_records

FIELDS = st.text(alphabet='ab",;\n é', max_size=5)


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=4), max_size=8), st.sampled_from([",", ";"]), st.integers(1, 40))
def test_scan_counts_the_fields_that_were_written(records: list[list[str]], separator: str, block: int) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_scan, "_BLOCK_BYTES", block)
        scan = scan_records(text.getvalue().encode(), separator)
    assert scan.fields.tolist() == [len(record) for record in records]
    assert not scan.blank.any()


def test_scan_sees_blank_lines_and_a_last_line_without_its_end() -> None:
    scan = scan_records(b"\na,b\r\n\r\n1,2\n\n3,4", ",")
    assert scan.fields.tolist() == [1, 2, 1, 2, 1, 2]
    assert scan.blank.tolist() == [True, False, True, False, True, False]
    assert not scan.quoted


def test_scan_of_nothing_is_empty() -> None:
    assert scan_records(b"", ",").fields.tolist() == []
