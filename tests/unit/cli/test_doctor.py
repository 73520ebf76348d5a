from __future__ import annotations

from importlib.metadata import version


def test_doctor_finds_libraries_and_stores(trained_once, mw):
    answer = mw(trained_once, "doctor")
    assert answer.code == 0
    assert f"✓ polars             {version('polars')} (tables)" in answer.out
    assert f"✓ stores             {trained_once} (1 registered model)" in answer.out


def test_doctor_gives_its_checks_as_json(tmp_path, mw):
    shown = mw(tmp_path, "doctor", "--json").json
    checks = {check["name"]: check for check in shown["checks"]}
    assert checks["python"]["ok"] is True
    assert "0 registered models" in checks["stores"]["found"]


def test_doctor_fails_when_the_stores_cannot_be_opened(tmp_path, mw):
    (tmp_path / "file").touch()
    (tmp_path / "millwright.toml").write_text(f'store = "sqlite:///{tmp_path}/file/x.db"\n', encoding="utf-8")
    answer = mw(tmp_path, "doctor")
    assert answer.code == 1
    assert "✗ stores" in answer.out
    assert answer.err == ""
    shown = mw(tmp_path, "doctor", "--json")
    assert (shown.code, shown.json["ok"]) == (1, False)


def test_doctor_looks_at_declared_monitors(tmp_path, mw):
    place = tmp_path / "millwright.toml"
    place.write_text('[monitors.late]\nendpoint = "late"\naction = {pipeline = "p.py"}\n', encoding="utf-8")
    answer = mw(tmp_path, "doctor")
    assert answer.code == 1
    assert "✗ monitors           The monitor 'late' could train nothing: there is no file 'p.py'" in answer.out
    (tmp_path / "p.py").touch()
    assert "✓ monitors           1 declared" in mw(tmp_path, "doctor").out
