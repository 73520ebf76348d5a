from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError
from millwright.exports import catalog
from millwright.exports.docker import DockerTarget


class Heroku:
    """A target of another package."""

    name = "heroku"

    def files(self, plan):
        return {"Procfile": f"web: mw serve model # {plan.ref}\n".encode()}

    def commands(self, plan, folder):
        return (f"git -C {folder} push heroku # {plan.ref}",)


BROKEN = "no target"


@pytest.fixture
def installed(monkeypatch):
    """Packages that add a sound and a broken target."""
    entries = tuple(
        EntryPoint(name=name, value=f"{__name__}:{attribute}", group=catalog.ENTRY_POINT_GROUP)
        for name, attribute in (("heroku", "Heroku"), ("broken", "BROKEN"))
    )
    loaded = {"Heroku": Heroku, "BROKEN": BROKEN}
    monkeypatch.setattr(EntryPoint, "load", lambda self: loaded[self.attr])
    monkeypatch.setattr(catalog, "entry_points", lambda group: entries if group == catalog.ENTRY_POINT_GROUP else ())
    catalog.get_target.cache_clear()
    yield
    catalog.get_target.cache_clear()


@pytest.mark.parametrize("name", catalog.BUILT_IN)
def test_built_in_target_says_its_name_and_writes_files(planned, name, tmp_path):
    target = catalog.get_target(name)
    plan = planned()
    files = target.files(plan)
    assert target.name == name
    assert all(isinstance(content, bytes) and not path.startswith("/") for path, content in files.items())
    # The wheel holds the code of now, which somebody may be writing; it has a test of its own.
    again = target.files(plan)
    assert {path: files[path] for path in files if ".whl" not in path} == {
        path: again[path] for path in again if ".whl" not in path
    }
    assert all(target.commands(plan, tmp_path))


def test_target_of_an_installed_package_is_found(installed, planned):
    assert catalog.target_names() == (*catalog.BUILT_IN, "heroku", "broken")
    assert b"late-visit@1" in catalog.get_target("heroku").files(planned())["Procfile"]


def test_target_that_is_none_is_told(installed):
    with pytest.raises(ConfigurationError, match="'broken'"):
        catalog.get_target("broken")


def test_unknown_target_is_answered_with_those_there_are():
    with pytest.raises(InvalidInputError, match="'kubernets'") as refused:
        catalog.get_target("kubernets")
    assert "kubernetes" in refused.value.hint
    assert refused.value.details["known"] == list(catalog.BUILT_IN)
    assert isinstance(catalog.get_target("docker"), DockerTarget)
