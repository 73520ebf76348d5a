from __future__ import annotations

import json

from millwright.models.feature import EncodedColumn, Part


def test_encoded_column_survives_json() -> None:
    column = EncodedColumn(name="x__code", source="x", part=Part.CODE, low=-1.5, high=None, categories=("a", "ü"))

    assert EncodedColumn.from_json(json.loads(json.dumps(column.to_json()))) == column
