from __future__ import annotations

import logging

import pytest

from millwright.core import errors
from millwright.server.mlflow.failure import WireError, as_wire_error, missing, not_there, unfit


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.NotFoundError("x"), "RESOURCE_DOES_NOT_EXIST", 404),
        (errors.AlreadyExistsError("x"), "RESOURCE_ALREADY_EXISTS", 400),
        (errors.InvalidInputError("x"), "INVALID_PARAMETER_VALUE", 400),
        (errors.ConflictError("x"), "RESOURCE_CONFLICT", 409),
        (errors.PromotionRefusedError("x"), "RESOURCE_CONFLICT", 409),
        (errors.StorageError("x"), "TEMPORARILY_UNAVAILABLE", 503),
        (errors.IntegrityError("x"), "INTERNAL_ERROR", 500),
        (errors.PayloadTooLargeError("x"), "INVALID_PARAMETER_VALUE", 413),
        (WireError("ABORTED", "x"), "ABORTED", 409),
    ],
)
def test_errors_become_codes_of_the_wire(error, code, status):
    told = as_wire_error(error, method="GET", path="/")
    assert (told.code, told.status) == (code, status)
    assert told.message.startswith("x")


def test_unforeseen_error_is_logged_and_told_without_details(caplog):
    with caplog.at_level(logging.ERROR):
        told = as_wire_error(KeyError("secret"), method="GET", path="/here")
    assert (told.code, told.status) == ("INTERNAL_ERROR", 500)
    assert "secret" not in told.message
    assert "GET /here failed" in caplog.text


def test_every_error_of_ours_has_a_status_that_fits_its_code():
    arguments = {errors.MissingExtraError: ("a", "b"), errors.UnanswerableError: ({0: "a"},)}
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.MillwrightError):
            error = kind(*arguments.get(kind, ("a",)))
            told = as_wire_error(error, method="GET", path="/")
            assert (told.status >= 500) == (kind.http_status >= 500), kind


def test_messages_have_the_forms_that_clients_know():
    assert missing("run_id").message.startswith("Missing value for required parameter 'run_id'.")
    assert unfit("metrics[0].key", {"b": 1, "a": None}).message.startswith(
        'Invalid value {"a":null,"b":1} for parameter \'metrics[0].key\' supplied: '
    )
    assert unfit("x", 3, "too small").message == "Invalid value 3 for parameter 'x' supplied: too small"
    assert not_there("No run").status == 404
