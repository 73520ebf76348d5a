from __future__ import annotations

from millwright.deployment.realtime.protocol.schema import components, exactly, example_values, many, ref


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
