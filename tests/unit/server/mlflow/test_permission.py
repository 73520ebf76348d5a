from __future__ import annotations

import asyncio
from types import SimpleNamespace

from millwright.server.mlflow.permission import (
    Access,
    AllowAll,
    Resource,
    ResourceKind,
    Rule,
    field,
    fields,
    own_project,
    segment,
    server,
    visible,
)

CALL = SimpleNamespace(path={"model_id": "m-1"}, project="team")
BODY = SimpleNamespace(run_id="r", experiment_ids=["1", "2"], none=[])


def test_resources_are_read_from_body_path_and_caller():
    assert field(ResourceKind.RUN, "run_id")(CALL, BODY) == (Resource(ResourceKind.RUN, "r"),)
    assert fields(ResourceKind.EXPERIMENT, "experiment_ids")(CALL, BODY) == (
        Resource(ResourceKind.EXPERIMENT, "1"),
        Resource(ResourceKind.EXPERIMENT, "2"),
    )
    assert segment(ResourceKind.LOGGED_MODEL, "model_id")(CALL, BODY) == (Resource(ResourceKind.LOGGED_MODEL, "m-1"),)
    assert own_project(CALL, BODY) == (Resource(ResourceKind.PROJECT, "team"),)


def test_listing_without_names_is_of_what_is_visible():
    assert fields(ResourceKind.EXPERIMENT, "none")(CALL, BODY) == visible(CALL, BODY)


def test_server_without_accounts_allows_everything():
    asyncio.run(AllowAll().check(Rule(Access.ADMIN, server), CALL, BODY))
