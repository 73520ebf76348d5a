from __future__ import annotations


def test_export_prometheus_writes_rules_and_says_how_they_are_checked(mw, tmp_path):
    folder = tmp_path / "out"
    answer = mw(tmp_path, "export", "prometheus", "--to", str(folder), "--server", "ml.example:8000")
    assert answer.code == 0, answer.err
    assert "promtool check config" in answer.out
    assert "ml.example:8000" in (folder / "prometheus.yml").read_text(encoding="utf-8")
    assert (folder / "millwright.rules.yml").is_file()


def test_export_grafana_writes_one_dashboard(mw, tmp_path):
    folder = tmp_path / "out"
    told = mw(tmp_path, "export", "grafana", "--to", str(folder), "--json").json
    assert told["files"] == ["millwright.json"]
    assert (folder / "millwright.json").is_file()


def test_wrong_address_is_refused_in_one_line(mw, tmp_path):
    answer = mw(tmp_path, "export", "prometheus", "--to", str(tmp_path / "out"), "--endpoint", "http://a")
    assert answer.code != 0
    assert "HOST:PORT" in answer.err
