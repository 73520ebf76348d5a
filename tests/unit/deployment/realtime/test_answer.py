from __future__ import annotations

import json

import pytest

from millwright.core.errors import InvalidInputError, MethodNotAllowedError, ServiceUnavailableError
from millwright.deployment.realtime.answer import error_answer, json_answer


def test_value_that_json_has_no_form_for_becomes_null():
    assert json_answer({"a": float("nan"), "b": float("inf")}).body == b'{"a":null,"b":null}'


def test_error_has_the_one_shape():
    answer = error_answer(InvalidInputError("Expected a, found b.", hint="Send a.", details={"row": 1}))
    assert answer.status == 422
    assert json.loads(answer.body) == {
        "error": {
            "code": "invalid_input",
            "message": "Expected a, found b.",
            "hint": "Send a.",
            "details": {"row": 1},
        }
    }


def test_wrong_method_tells_the_allowed_ones_in_a_header():
    answer = error_answer(MethodNotAllowedError("", details={"allowed": ["GET", "POST"]}))
    assert answer.headers == ((b"allow", b"GET, POST"),)


def test_busy_server_says_when_to_come_again():
    assert error_answer(ServiceUnavailableError("")).headers == ((b"retry-after", b"1"),)


@pytest.mark.parametrize("path", ["/v2", "/v2/models/a/infer", "/v1/models/a:predict"])
def test_error_is_a_text_where_the_protocol_has_one(path):
    answer = error_answer(InvalidInputError("Expected a, found b.", hint="Send a.", details={"row": 1}), path)
    assert json.loads(answer.body) == {
        "error": "Expected a, found b. Send a.",
        "code": "invalid_input",
        "message": "Expected a, found b.",
        "hint": "Send a.",
        "details": {"row": 1},
    }
