from __future__ import annotations

import sys

import pytest

from millwright.core.errors import MissingExtraError
from millwright.deployment.realtime.rpc import rpc_server


def made(serving, *, wanted):
    return rpc_server(serving.app, serving.state, wanted=wanted, max_body_bytes=1)


@pytest.fixture
def without_grpc(monkeypatch):
    """As where grpcio is not installed."""
    monkeypatch.setitem(sys.modules, "grpc", None)
    monkeypatch.delitem(sys.modules, "grpc.aio", raising=False)


@pytest.mark.parametrize("wanted", [None, True])
def test_server_is_made_where_its_libraries_are(serving, wanted):
    assert made(serving, wanted=wanted) is not None


def test_none_is_made_where_none_is_wanted(serving):
    assert made(serving, wanted=False) is None


def test_absent_library_matters_only_where_it_is_wanted(serving, without_grpc):
    assert made(serving, wanted=None) is None
    with pytest.raises(MissingExtraError, match=r"grpcio.*millwright\[grpc\]"):
        made(serving, wanted=True)
