from __future__ import annotations

import pytest

from millwright.server.api.schema import described


@pytest.fixture(scope="module")
def description(control):
    return control.json("/openapi.json")


def test_description_is_openapi_3_1_and_holds_every_route_of_the_api(description, control):
    assert description["openapi"].startswith("3.1")
    assert len([path for path in description["paths"] if path.startswith("/api/v1/")]) >= 24
    assert not any(path in description["paths"] for path in ("/models", "/assets/page.css"))


def test_operation_is_described_and_fails_in_our_shape(description):
    for path, operations in description["paths"].items():
        # Reading features takes a body, as there may be many entities; it changes nothing.
        reads = {"post"} if path == "/api/v1/features/online" else {"get"}
        changes = path.startswith(
            ("/api/v1/tokens", "/api/v1/hooks/", "/api/v1/pipelines/", "/api/v1/silences")
        ) or path.endswith(("/cancel", "/resume", "/acknowledge", "/resolve", "/labels"))
        assert set(operations) == reads or changes, path
        for operation in operations.values():
            assert operation["description"], path
            assert "400" not in operation["responses"]
            for status in ("404", "422"):
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Failure"}


def test_list_says_its_limits(description):
    parameters = description["paths"]["/api/v1/runs"]["get"]["parameters"]
    limit = next(parameter for parameter in parameters if parameter["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 1000)


def test_references_lead_somewhere(description):
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            found = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return found + [ref for inner in value.values() for ref in references(inner)]
        return [ref for inner in value for ref in references(inner)] if isinstance(value, list) else []

    names = {ref.rpartition("/")[2] for ref in references(description)}
    assert names <= set(description["components"]["schemas"])


def test_described_leaves_what_it_was_given():
    given = {"paths": {"/x": {"get": {"responses": {"400": {}}}}}}
    assert "400" not in described(given)["paths"]["/x"]["get"]["responses"]
    assert "400" in given["paths"]["/x"]["get"]["responses"]
