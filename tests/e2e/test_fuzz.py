"""Both APIs under generated requests: whatever is sent, nothing is answered with 500, and the server goes on.

`MILLWRIGHT_FUZZ_EXAMPLES=200` makes it a long one.
"""

from __future__ import annotations

import re
import urllib.request
from typing import TYPE_CHECKING

import pytest

from e2e.fuzzed import failures
from e2e.workplace import PATIENCE_S, Workplace, finish

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    failed = failures(url, document, at_least=21)
    assert not failed, "\n".join(failed)[:5000]
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:  # noqa: S310 - ours
        assert answer.read() == b"OK"
