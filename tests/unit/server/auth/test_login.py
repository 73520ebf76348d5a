from __future__ import annotations

import pytest

from millwright.server.auth.login import local_path


@pytest.mark.parametrize("target", ["/", "/models", "/models/a%20b?x=1#y"])
def test_path_of_this_server_stays(target):
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    ["", "models", "//evil.example", "/\\evil.example", "https://x.example", "/a\nb", "/ä", "\t//x", "/\t/x"],
)
def test_any_other_target_becomes_the_overview(target):
    assert local_path(target) == "/"


def test_form_that_is_too_long_is_refused(team):
    import httpx

    assert httpx.post(f"{team.url}/login", data={"name": "x" * 20_000}).status_code == 413


def test_page_tells_who_is_logged_in_and_as_what(team):
    answer = team.ask("chad", "GET", "/logout")
    assert "<h2>chad</h2>" in answer.text
    assert "admin in churn" in answer.text
    assert "ask an admin for one" in team.ask("nix", "GET", "/logout").text
