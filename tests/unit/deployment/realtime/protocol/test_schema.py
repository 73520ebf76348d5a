from __future__ import annotations

from millwright.deployment.realtime.protocol.schema import components, exactly, example_values, many, ref
from millwright.deployment.realtime.served_model import ServedModel
from millwright.models.rules import InputRules, ruled
from unit.deployment.conftest import StubPredictor, make_record


def test_object_of_known_names_marks_those_that_may_be_absent():
    assert exactly(a=ref("Row"), b_=many({"type": "string"})) == {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"$ref": "#/components/schemas/Row"},
            "b": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        },
        "additionalProperties": False,
    }


def test_values_stand_in_the_order_of_columns(serving, complete_row):
    served = serving.slot.current
    assert example_values(served) == list(complete_row.values())
    values = components(served)["Values"]
    assert (values["minItems"], values["maxItems"], len(values["prefixItems"])) == (6, 6, 6)


def test_predictions_are_the_outputs(serving):
    found = components(serving.slot.current)
    assert list(found["Prediction"]["properties"]) == ["prediction", "probability"]
    assert found["NamedPrediction"]["required"] == ["prediction", "probability", "prediction_id"]


def test_row_tells_what_may_be_absent_what_may_be_null_and_what_stands_in(signature):
    rules = InputRules(optional=("days",), nullable=("crews",), defaults={"days": 3.0})
    ruled_signature = ruled(signature, rules)
    row = components(ServedModel(make_record(ruled_signature), StubPredictor(ruled_signature, 1)))["Row"]
    assert row["required"] == ["crews", "borough"]
    assert (row["properties"]["days"]["type"], row["properties"]["days"]["default"]) == ("number", 3.0)
    assert row["properties"]["crews"]["type"] == ["integer", "null"]
    assert row["properties"]["permit"]["type"] == ["boolean", "null"]
