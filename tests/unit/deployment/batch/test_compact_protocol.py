from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pytest
from pyarrow import parquet

from millwright.deployment.batch.compact_protocol import I32, I64, STRUCT, CompactReader, write_struct


@pytest.mark.parametrize("rows", [1, 40_000])
def test_footer_of_a_parquet_file_is_written_as_it_was_read(rows):
    names = [f"column {number}" for number in range(20)]
    table = pa.table({name: pa.array(range(rows)) for name in names} | {"flags": [True] * rows, "x": [-0.5] * rows})
    file = BytesIO()
    sorted_by = [parquet.SortingColumn(0, descending=True)]
    parquet.write_table(table, file, row_group_size=2_000, write_page_index=True, sorting_columns=sorted_by)
    content = file.getvalue()
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    fields = CompactReader(footer).struct()
    assert fields[3] == (I64, rows)
    assert write_struct(fields) == footer


@pytest.mark.parametrize("value", [0, 1, -1, 63, -64, 64, 2**31, 2**63 - 1, -(2**63)])
def test_numbers_and_distant_fields_are_the_same_again(value):
    fields = {1: (I64, value), 20: (STRUCT, {300: (I32, 7)})}
    assert CompactReader(write_struct(fields)).struct() == fields


def test_integers_are_written_as_the_specification_says():
    assert write_struct({1: (I32, -1), 2: (I64, 150)}) == bytes([0x15, 0x01, 0x16, 0xAC, 0x02, 0x00])


def test_type_that_no_footer_has_is_refused():
    with pytest.raises(ValueError, match="Thrift type 11"):
        CompactReader(bytes([0x1B, 0x00])).struct()
