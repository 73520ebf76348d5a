from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from millwright.models.compile.edge import edge_rows

if TYPE_CHECKING:
    from millwright.models.encoder import Encoder
    from millwright.models.signature import Signature


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
