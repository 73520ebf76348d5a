"""Requests that schemathesis makes of an OpenAPI document."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")

EXAMPLES = int(os.environ.get("MILLWRIGHT_FUZZ_EXAMPLES", "3"))
NOT_IMPLEMENTED = 501  # what MLflow says, too, of artifacts that are not in an object store


def failures(url: str, document: str, *, at_least: int) -> list[str]:
    """Ask each operation of a document some examples; those answered with 500 and above, as curl commands.

    Args:
        url: The server's.
        document: Path of the document there.
        at_least: How many operations it must have.
    """
    schema = schemathesis.openapi.from_url(url + document)
    schema.validate()
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= at_least
    return [told for operation in operations if (told := _failure(url, operation))]


def _failure(url: str, operation: schemathesis.APIOperation) -> str:
    checks = list(HealthCheck)

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=checks, derandomize=True)
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        answer = case.call(base_url=url)
        if answer.status_code >= 500 and answer.status_code != NOT_IMPLEMENTED:
            raise AssertionError(f"{case.as_curl_command()}\n  {answer.status_code} {answer.text[:300]}")

    try:
        ask()
    except AssertionError as error:
        return str(error)
    return ""
