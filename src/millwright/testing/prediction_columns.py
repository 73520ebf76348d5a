"""Conformance of `PredictionStore` with predictions by column."""
# ruff: noqa: S101

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.prediction import PredictionColumns
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.prediction import Cells, PredictionRecord
    from millwright.storage.base.predictions import PredictionStore

_HOUR_S = 3600


class PredictionColumnsConformance(StoreConformance):
    """What a busy server hands to the log."""

    @pytest.mark.parametrize("seconds", [1, _HOUR_S])
    def test_columns_come_back_as_the_records_they_stand_for(self, store: PredictionStore, seconds: int) -> None:
        """Within an hour and beyond."""
        rows = [
            sample.prediction(seconds=0, features={"a": 1, "ä": None}, key="k"),
            sample.prediction(seconds=seconds, key=None),
        ]
        store.append(prediction_columns(rows))
        assert list(store.iter("delay")) == rows
        assert [store.find(row.id) for row in rows] == rows

    @pytest.mark.parametrize("hours", [1, 3])
    def test_rows_with_common_columns_come_back_with_their_types(self, store: PredictionStore, hours: int) -> None:
        """Whatever the columns' names; hours apart, too."""
        rows = [
            sample.prediction(
                seconds=number * hours * _HOUR_S,
                features={"a.b": 1.5, "": None, "a": number, 'ä "x"': "y", "list": [0.5, None]},
                outputs={"prediction": bool(number), "a": "b"},
                key=None,
            )
            for number in range(3)
        ]
        store.append(prediction_columns(rows, as_texts=False))
        assert list(store.iter("delay")) == rows
        assert [store.find(row.id) for row in rows] == rows
        found = next(store.iter("delay"))
        assert [type(value) for value in found.features.values()] == [float, type(None), int, str, list]
        assert type(found.outputs["prediction"]) is bool

    def test_columns_and_records_stand_side_by_side(self, store: PredictionStore) -> None:
        """A server's predictions beside others of the same hour."""
        rows = [sample.prediction(seconds=second) for second in range(4)]
        store.append(prediction_columns(rows[:1], as_texts=False))
        store.append(rows[1:2])
        store.append(prediction_columns(rows[2:3]))
        store.append(prediction_columns(rows[3:], as_texts=False))
        assert list(store.iter("delay")) == rows

    def test_column_of_several_types_is_refused(self, store: PredictionStore) -> None:
        """It would come back with other values; nothing is written."""
        rows = [sample.prediction(features={"a": value}) for value in (1, "x")]
        with pytest.raises(InvalidInputError, match="a"):
            store.append(prediction_columns(rows, as_texts=False))
        assert store.list_endpoints() == []


def prediction_columns(rows: Sequence[PredictionRecord], *, as_texts: bool = True) -> PredictionColumns:
    """Rows of one endpoint and version; by column, which all of them have, or as texts."""

    def cells(values: Sequence[Mapping[str, Any]]) -> Cells:
        if as_texts:
            return [json.dumps(each) for each in values]
        return {name: [each[name] for each in values] for name in values[0]}

    return PredictionColumns(
        endpoint=rows[0].endpoint,
        model=rows[0].model,
        version=rows[0].version,
        id=[row.id for row in rows],
        at=[row.at for row in rows],
        features=cells([row.features for row in rows]),
        outputs=cells([row.outputs for row in rows]),
        latency_ms=[row.latency_ms for row in rows],
        request_id=[row.request_id for row in rows],
        key=[row.key for row in rows],
    )
