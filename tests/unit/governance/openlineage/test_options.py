from __future__ import annotations

from pathlib import Path

import pytest

from millwright.core.errors import ConfigurationError
from millwright.governance.openlineage.options import OpenLineageOptions, completed

FOLDER = Path("/project")
GIVEN = OpenLineageOptions(namespace="")


def test_nothing_said_is_off() -> None:
    assert not completed(GIVEN, {}, FOLDER).is_on


def test_variables_of_the_standard_are_read() -> None:
    environ = {
        "OPENLINEAGE_URL": "http://lineage:5000",
        "OPENLINEAGE_NAMESPACE": "mill",
        "OPENLINEAGE_API_KEY": "key",
        "OPENLINEAGE_PARENT_ID": "a/b/c",
    }
    found = completed(GIVEN, environ, FOLDER)
    assert (found.url, found.namespace) == ("http://lineage:5000/api/v1/lineage", "mill")
    assert (found.api_key, found.parent, found.is_on) == ("key", "a/b/c", True)
    assert "key" not in repr(found).replace("api_key", "")


def test_what_the_project_says_wins_over_the_variables() -> None:
    given = OpenLineageOptions(url="https://ours/events", namespace="ours", api_key="our")
    environ = {"OPENLINEAGE_URL": "http://theirs", "OPENLINEAGE_NAMESPACE": "theirs", "OPENLINEAGE_API_KEY": "their"}
    found = completed(given, environ, FOLDER)
    assert (found.url, found.namespace, found.api_key) == ("https://ours/events", "ours", "our")


def test_disabled_is_off_whatever_else_is_said() -> None:
    given = OpenLineageOptions(url="https://ours", file=Path("x"))
    assert not completed(given, {"OPENLINEAGE_DISABLED": "True"}, FOLDER).is_on
    assert completed(given, {"OPENLINEAGE_DISABLED": "false"}, FOLDER).is_on


def test_endpoint_follows_the_address() -> None:
    environ = {"OPENLINEAGE_URL": "https://host/base/", "OPENLINEAGE_ENDPOINT": "/v2/events"}
    assert completed(GIVEN, environ, FOLDER).url == "https://host/base/v2/events"


def test_relative_file_begins_in_the_project() -> None:
    assert completed(OpenLineageOptions(file=Path("logs/x.jsonl")), {}, FOLDER).file == FOLDER / "logs/x.jsonl"


def test_default_namespace_is_that_of_the_standards_clients() -> None:
    assert completed(GIVEN, {}, FOLDER).namespace == "default"


@pytest.mark.parametrize("url", ["lineage:5000", "kafka://broker", "http://", "http://host:port"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"openlineage\.url to be an http or https address, found"):
        completed(OpenLineageOptions(url=url), {}, FOLDER)


def test_refusal_repeats_no_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        completed(OpenLineageOptions(url="ftp://ann:secret@host"), {}, FOLDER)
    assert "secret" not in str(caught.value)
