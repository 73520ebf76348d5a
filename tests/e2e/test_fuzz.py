"""Both APIs under generated requests: whatever is sent, nothing is answered with 500, and the server goes on.

`MILLWRIGHT_FUZZ_EXAMPLES=200` makes it a long one.
"""

from __future__ import annotations

import os
import re
import urllib.request
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from e2e.workplace import PATIENCE_S, Workplace, finish

if TYPE_CHECKING:
    from collections.abc import Iterator

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")

EXAMPLES = int(os.environ.get("MILLWRIGHT_FUZZ_EXAMPLES", "3"))
NOT_IMPLEMENTED = 501  # what MLflow says, too, of artifacts that are not in an object store
DOCUMENTS = ("/openapi.json", "/openapi-mlflow.json")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over an empty workspace."""
    process = Workplace(tmp_path_factory.mktemp("fuzzed")).start("server", "--port", "0")
    assert process.stdout is not None
    found = re.search(r"http://[\w.]+:\d+", process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group()
    process.terminate()
    finish(process)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_request_is_answered_with_500(url, document):
    schema = schemathesis.openapi.from_url(url + document)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 20
    failures = [told for operation in operations if (told := _failure(url, operation))]
    assert not failures, "\n".join(failures)[:5000]
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:  # noqa: S310 - ours
        assert answer.read() == b"OK"


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
