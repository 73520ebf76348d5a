"""Every route of the application: reads only, is described, and survives what nobody would ask for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.server.site import build_litestar

ALLOWED = {"GET", "HEAD", "OPTIONS"}
PATHS = (
    "/api/v1/runs/{}",
    "/api/v1/runs/{}/trials",
    "/api/v1/datasets/{}/versions",
    "/api/v1/datasets/{}/versions/{}",
    "/api/v1/models/{}",
    "/api/v1/models/{}/versions",
    "/api/v1/models/{}/versions/{}",
    "/api/v1/models/{}/versions/{}/explanation",
    "/api/v1/models/late-visit/versions/1/documents/{}",
    "/api/v1/endpoints/{}",
    "/api/v1/reports/{}",
    "/api/v1/predictions/{}/why",
    "/api/v1/runs?limit={}&pipeline={}",
    "/api/v1/alerts?limit={}&endpoint={}&open_only={}",
    "/api/v1/audit?limit={}&subject={}",
    "/api/v1/audit/verify?head={}",
    "/api/v1/lineage?kind=dataset&node={}&depth={}",
    "/api/v1/lineage?kind={}&node={}&direction={}",
    "/api/v1/experiments?filter={}&order={}&page_token={}",
    "/api/v1/experiments/{}",
    "/api/v1/tracked?filter={}&order={}&experiment={}",
    "/api/v1/tracked?view={}&limit={}&page_token={}",
    "/api/v1/tracked/{}",
    "/api/v1/tracked/{}/history?key={}&limit={}",
    "/api/v1/tracked/{}/artifacts?path={}",
    "/api/v1/histories?run={}&key={}&points={}",
    "/experiments?name={}&filter={}&view={}",
    "/experiments/{}",
    "/experiments/0?filter={}&order={}&page_token={}",
    "/experiments/0?column={}&view={}",
    "/tracked/{}",
    "/tracked/{}/artifacts?path={}",
    "/tracked/{}/file?path={}",
    "/logged-models/{}",
    "/logged-models/{}/artifacts?path={}",
    "/experiments/0/traces?filter={}&page_token={}",
    "/traces/{}",
    "/compare?runs={}&x={}&y={}",
    "/compare?run={}&run={}&only={}",
    "/runs/{}",
    "/datasets/{}",
    "/datasets/{}/{}",
    "/models/{}",
    "/models/{}/{}",
    "/models/late-visit/1/documents/{}",
    "/endpoints/{}",
    "/reports/{}",
    "/predictions/{}",
    "/predictions?id={}",
)
ANYTHING = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.sampled_from(["late-visit", "late-visit@1", "visits", "1", "-1", "1e9", "nan", "..", "../..", "%", "NULL", "'"]),
    st.text("0123456789abcdef", min_size=32, max_size=32),
).filter(lambda text: text.isprintable() or not any(0xD800 <= ord(letter) < 0xE000 for letter in text))


@pytest.fixture(scope="module")
def routes(control):
    control.json("/openapi.json")  # else the server may be making it in its own thread just now
    return build_litestar().routes


def test_route_reads_only_but_for_the_callers_own_tokens_the_queue_alerts_and_labels(routes):
    changing = {route.path: route.methods - ALLOWED for route in routes if route.methods - ALLOWED}
    assert changing.pop("/api/v1/features/online") == {"POST"}  # reads; its question is too long for an address
    assert changing == {
        "/api/v1/tokens": {"POST"},
        "/api/v1/tokens/{token_id:str}": {"DELETE"},
        "/api/v1/pipelines/{name:str}/runs": {"POST"},
        **{f"/api/v1/runs/{{run_id:str}}/{verb}": {"POST"} for verb in ("cancel", "resume")},
        "/api/v1/hooks/{token:str}": {"POST"},
        "/api/v1/endpoints/{name:str}/labels": {"POST"},
        **{f"/api/v1/alerts/{{alert_id:str}}/{verb}": {"POST"} for verb in ("acknowledge", "resolve")},
        "/api/v1/silences": {"POST"},
        "/api/v1/silences/{silence_id:str}": {"DELETE"},
        **{f"/{form}": {"POST"} for form in ("alerts/acknowledge", "alerts/resolve", "silences/add", "silences/end")},
    }


@given(path=st.sampled_from(PATHS), words=st.lists(ANYTHING, min_size=3, max_size=3), html=st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_request_never_fails_without_an_error_of_ours(control, path, words, html):
    asked = path.format(*(quote(word.encode("utf-8", "replace"), safe="") for word in words))
    answer = control.get(asked, accept="text/html" if html else "application/json")
    assert answer.status_code < 500, (asked, answer.text)
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        assert set(answer.json()["error"]) == {"code", "message", "hint", "details"}
