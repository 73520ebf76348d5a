from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from millwright.exports import catalog


class Heroku:
    name = "heroku"

    def files(self, plan):
        return {"Procfile": f"{plan.ref} {plan.options.namespace}".encode()}

    def commands(self, plan, folder):
        return (f"push {folder} # {plan.ref}",)


@pytest.fixture
def heroku(monkeypatch):
    """An installed package that adds a target."""
    entry = EntryPoint(name="heroku", value="heroku:Heroku", group=catalog.ENTRY_POINT_GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _: Heroku)
    monkeypatch.setattr(catalog, "entry_points", lambda group: (entry,) if group == catalog.ENTRY_POINT_GROUP else ())
    catalog.get_target.cache_clear()
    yield
    catalog.get_target.cache_clear()


def test_unknown_target_is_answered_with_those_there_are(trained_once, mw, tmp_path):
    answer = mw(trained_once, "export", "kubernets", "late-visit", "--to", str(tmp_path / "out"))
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "Did you mean 'kubernetes'?" in answer.err
    told = mw(trained_once, "export", "swarm", "late-visit", "--to", str(tmp_path / "out"), "--json").json["error"]
    assert set(told["details"]["known"]) == {"mlflow", *catalog.BUILT_IN, "prometheus", "grafana"}


def test_target_of_an_installed_package_is_a_command(heroku, trained_once, mw, tmp_path):
    folder = tmp_path / "out"
    words = ("export", "heroku", "late-visit", "--to", str(folder), "--namespace", "models")
    answer = mw(trained_once, *words)
    assert answer.code == 0, answer.err
    assert (folder / "Procfile").read_text(encoding="utf-8") == "late-visit@1 models"
    assert f"push {folder} # late-visit@1" in answer.out
    listed = mw(trained_once, "export", "--help").out
    assert "Write a model for heroku." in listed
