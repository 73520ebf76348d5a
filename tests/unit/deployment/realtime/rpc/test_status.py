from __future__ import annotations

import pytest

from millwright.core import errors
from millwright.deployment.realtime.rpc.message import MESSAGES
from millwright.deployment.realtime.rpc.status import status_code, status_message, status_metadata


def detail(metadata, kind):
    status = MESSAGES["Status"].FromString(dict(metadata)["grpc-status-details-bin"])
    found = [each for each in status.details if each.type_url == f"type.googleapis.com/google.rpc.{kind}"]
    return MESSAGES[kind].FromString(found[0].value) if found else None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInputError, "INVALID_ARGUMENT"),
        (errors.MalformedRequestError, "INVALID_ARGUMENT"),
        (errors.NotFoundError, "NOT_FOUND"),
        (errors.PayloadTooLargeError, "RESOURCE_EXHAUSTED"),
        (errors.TooManyRequestsError, "RESOURCE_EXHAUSTED"),
        (errors.ServiceUnavailableError, "UNAVAILABLE"),
        (errors.MillwrightError, "INTERNAL"),
        (errors.IntegrityError, "INTERNAL"),
    ],
)
def test_error_has_its_code(error, code):
    made = error("m", hint="h")
    assert status_code(made).name == code
    assert status_message(made) == "m h"
    assert detail(status_metadata(made), "ErrorInfo").reason == made.code.upper()


@pytest.mark.parametrize("error", [errors.ServiceUnavailableError, errors.TooManyRequestsError])
def test_what_passes_tells_when_to_try_again(error):
    metadata = status_metadata(error("m"))
    assert dict(metadata)["grpc-retry-pushback-ms"] == "1000"
    assert detail(metadata, "RetryInfo").retry_delay.seconds == 1


def test_what_stays_tells_no_time():
    metadata = status_metadata(errors.PayloadTooLargeError("m"))
    assert "grpc-retry-pushback-ms" not in dict(metadata)
    assert detail(metadata, "RetryInfo") is None


def test_violations_are_told_by_row_and_column():
    found = [{"row": 2, "column": "days", "expected": "a number", "found": "nothing"}]
    metadata = status_metadata(errors.InvalidInputError("m", details={"violations": found}))
    (violation,) = detail(metadata, "BadRequest").field_violations
    assert (violation.field, violation.description) == ("rows[2].days", "expected a number, found nothing")


def test_long_errors_fit_in_what_clients_take():
    violations = [{"row": 1, "column": "\u00fc" * 300, "expected": "\u00fc" * 300, "found": "b"}] * 40
    error = errors.InvalidInputError("\u00fc" * 5_000, details={"violations": violations})
    message = status_message(error)
    assert message.endswith("…")
    assert len(message.encode()) <= 800
    assert sum(len(value) for _, value in status_metadata(error)) < 3_000


def test_half_of_a_surrogate_pair_is_told_all_the_same():
    assert status_message(errors.NotFoundError("a\ud800b")) == "a?b"
