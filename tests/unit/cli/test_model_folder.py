from __future__ import annotations


def test_model_goes_to_a_folder_and_comes_back_as_another_version(trained, mw, tmp_path):
    folder = tmp_path / "model"

    written = mw(trained, "models", "export", "late-visit@1", str(folder), "--json").json
    assert written == {"model": "late-visit@1", "written": str(folder), "flavor": "python_function"}
    answer = mw(trained, "models", "import", str(folder), "imported")

    assert answer.code == 0, answer.err
    assert "imported@1 is registered: sklearn, compilation proven" in answer.out
    (versions,) = [each["version"] for each in mw(trained, "models", "list", "--json").json if "imported" in str(each)]
    assert versions["params"]["candidate"] == "logistic_regression"


def test_folder_that_is_none_is_told(trained_once, mw, tmp_path):
    answer = mw(trained_once, "models", "import", str(tmp_path), "imported")

    assert answer.code == 1
    assert "MLmodel" in answer.err
