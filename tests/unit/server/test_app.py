"""Every route of the application: reads only, is described, and survives what nobody would ask for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.server.app import build_litestar
from millwright.server.service import Services

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
    workspace = control.workspace
    return build_litestar(Services(workspace.stores, workspace.registry, workspace.monitor)).routes


def test_route_reads_only(routes):
    assert {route.path: route.methods - ALLOWED for route in routes if route.methods - ALLOWED} == {}


@given(path=st.sampled_from(PATHS), words=st.lists(ANYTHING, min_size=3, max_size=3), html=st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_request_never_fails_without_an_error_of_ours(control, path, words, html):
    asked = path.format(*(quote(word.encode("utf-8", "replace"), safe="") for word in words))
    answer = control.get(asked, accept="text/html" if html else "application/json")
    assert answer.status_code < 500, (asked, answer.text)
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        assert set(answer.json()["error"]) == {"code", "message", "hint", "details"}
