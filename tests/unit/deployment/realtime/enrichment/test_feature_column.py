from __future__ import annotations

from millwright.data.features.feature_lookup import FeatureLookup
from millwright.deployment.realtime.enrichment.feature_column import asked_columns
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_caller_may_leave_out_features_and_give_keys_and_the_request():
    inputs = (
        SignatureColumn(name="late", type=ColumnType.NUMBER),
        SignatureColumn(name="size", type=ColumnType.NUMBER),
        SignatureColumn(name="days", type=ColumnType.NUMBER),
    )
    lookup = FeatureLookup(
        service="delay@1",
        definitions=("service/delay@1",),
        keys={"site": "UInt16", "crew": "Categorical", "day": "Date", "open": "Boolean"},
        request={"days": "Float64", "cost": "Float32"},
        columns={"late": "history:late"},
    )
    signature = Signature(inputs=inputs, outputs=(), task=Task.REGRESSION, target="y")
    asked = asked_columns(signature, lookup, {"late"})
    assert [(column.name, column.type.value, column.required) for column in asked] == [
        ("late", "number", False),
        ("size", "number", True),
        ("days", "number", True),
        ("site", "integer", False),
        ("crew", "text", False),
        ("day", "date", False),
        ("open", "boolean", False),
        ("cost", "number", False),
    ]
