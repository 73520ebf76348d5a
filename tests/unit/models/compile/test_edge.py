from __future__ import annotations

import numpy as np
import polars as pl

from millwright.models.compile.edge import edge_matrix, edge_rows
from millwright.models.encoder import Encoder
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_edge_rows_hold_nulls_unseen_categories_and_numbers_far_outside(signature: Signature) -> None:
    rows = edge_rows(signature)

    for column in signature.inputs:
        assert any(row[column.name] is None for row in rows)
    known = set(signature.inputs[3].categories)
    assert known < {row["borough\n"] for row in rows if row["borough\n"]}
    assert max(row["amount of $"] or 0 for row in rows) == 1e300


def test_edge_rows_encode_to_finite_numbers_or_nan(signature: Signature, encoder: Encoder) -> None:
    assert not np.isinf(encoder.encode_rows(edge_rows(signature))).any()


def test_edge_rows_are_the_same_for_the_same_seed(signature: Signature) -> None:
    assert edge_rows(signature, seed=1) == edge_rows(signature, seed=1)
    assert edge_rows(signature, seed=1) != edge_rows(signature, seed=2)


def test_edges_of_raw_numbers_stay_within_ten_ranges_and_hold_nulls_only_where_they_may_be() -> None:
    rows = pl.DataFrame({"a": [0.0, 2.0], "b": [1.0, None]})
    signature = Signature.infer(rows, pl.Series("t", [1.0, 2.0]), Task.REGRESSION)

    matrix = edge_matrix(signature, Encoder.passing(signature))

    assert not np.isnan(matrix[:, 0]).any()
    assert np.isnan(matrix[:, 1]).any()
    assert (matrix[:, 0].min(), matrix[:, 0].max()) == (-20, 22)
