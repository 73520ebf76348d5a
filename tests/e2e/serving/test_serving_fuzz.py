"""A served model under requests generated from its own description: nothing is answered with 500.

`MILLWRIGHT_FUZZ_EXAMPLES=200` makes it a long one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.fuzzed import failures
from e2e.workplace import PATIENCE_S

if TYPE_CHECKING:
    from e2e.server import Server


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_request_is_answered_with_500(server: Server) -> None:
    # The first explanation loads the model's own library, for which a busy machine takes longer than the fuzzer waits.
    row = httpx.get(f"{server.url}/openapi.json").json()["components"]["schemas"]["Row"]["example"]
    httpx.post(f"{server.url}/predict?explain=true", json=row, timeout=PATIENCE_S).raise_for_status()
    failed = failures(server.url, "/openapi.json", at_least=27)
    assert not failed, "\n".join(failed)[:5000]
    assert httpx.get(f"{server.url}/v2/health/ready").json() == {"ready": True}
