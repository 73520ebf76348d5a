"""Tables of traces."""

from __future__ import annotations

from millwright.storage.backends.sql.trace_table import TRACE_METADATA, TRACE_SPANS, TRACE_TAGS, TRACES


def test_index_serves_the_pages_of_an_experiment():
    assert [list(index.columns.keys()) for index in TRACES.indexes] == [["experiment_id", "requested_at", "id"]]


def test_what_belongs_to_a_trace_is_clustered_by_it():
    for table in (TRACE_METADATA, TRACE_SPANS, TRACE_TAGS):
        assert next(iter(table.primary_key.columns)).name == "trace_id"
