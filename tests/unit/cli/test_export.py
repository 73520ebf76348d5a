from __future__ import annotations

import pytest
import yaml

from millwright.exports.catalog import BUILT_IN

FIRST = {
    "docker": "Dockerfile",
    "kubernetes": "deployment.yaml",
    "kserve": "inferenceservice.yaml",
    "ray-serve": "serve.yaml",
}


@pytest.mark.parametrize("target", BUILT_IN)
def test_export_writes_the_folder_and_says_what_to_type_next(trained_once, mw, tmp_path, target):
    folder = tmp_path / "out"
    answer = mw(trained_once, "export", target, "late-visit@champion", "--to", str(folder))
    assert answer.code == 0, answer.err
    assert f"late-visit@1 is written to {folder} for {target}:" in answer.out
    assert "Next: " in answer.out
    assert (folder / FIRST[target]).is_file()


def test_export_tells_all_of_it_as_json(trained_once, mw, tmp_path):
    folder = tmp_path / "out"
    told = mw(trained_once, "export", "docker", "late-visit@1", "--to", str(folder), "--json").json
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert told["files"] == found
    assert (told["target"], told["model"], told["image"]) == ("docker", "late-visit@1", "late-visit:1")
    assert told["next"][0].startswith("docker build")
    assert told["warnings"] == []


def test_options_reach_the_manifests(trained_once, mw, tmp_path):
    words = ("--image", "registry.example.com/late:3", "--no-build", "--namespace", "models", "--memory", "1Gi")
    words += ("--replicas", "3", "--max-replicas", "4", "--cpu", "500m", "--env", "MILLWRIGHT_SERVE__MAX_ROWS=9")
    answer = mw(trained_once, "export", "kubernetes", "late-visit", "--to", str(tmp_path / "out"), *words)
    assert answer.code == 0, answer.err
    deployment = yaml.safe_load((tmp_path / "out" / "deployment.yaml").read_text(encoding="utf-8"))
    (server,) = deployment["spec"]["template"]["spec"]["containers"]
    assert server["image"] == "registry.example.com/late:3"
    assert server["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}
    assert server["env"] == [{"name": "MILLWRIGHT_SERVE__MAX_ROWS", "value": "9"}]
    assert deployment["metadata"]["namespace"] == "models"
    assert not (tmp_path / "out" / "image").exists()
    scaler = yaml.safe_load((tmp_path / "out" / "horizontalpodautoscaler.yaml").read_text(encoding="utf-8"))
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (3, 4)


def test_keda_and_knative_are_chosen_by_name(trained_once, mw, tmp_path):
    mw(trained_once, "export", "kubernetes", "late-visit", "--to", str(tmp_path / "k"), "--autoscaler", "keda")
    assert (tmp_path / "k" / "scaledobject.yaml").is_file()
    mw(trained_once, "export", "kserve", "late-visit", "--to", str(tmp_path / "s"), "--mode", "knative")
    assert "Serverless" in (tmp_path / "s" / "inferenceservice.yaml").read_text(encoding="utf-8")


def test_folder_with_something_in_it_needs_force(trained_once, mw, tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    refused = mw(trained_once, "export", "docker", "late-visit", "--to", str(tmp_path))
    assert (refused.code, "--force" in refused.err) == (1, True)
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
    assert mw(trained_once, "export", "docker", "late-visit", "--to", str(tmp_path / "new"), "--force").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("late-visits",), "Did you mean 'late-visit'?"),
        (("late-visit@9",), "no version 9"),
        (("late-visit", "--memory", "1GB"), "an amount of memory"),
        (("late-visit", "--env", "NAME"), "NAME=VALUE"),
        (("late-visit", "--replicas", "3", "--max-replicas", "2"), "found 3 to 2"),
    ],
)
def test_wrong_word_is_one_line(trained_once, mw, tmp_path, words, message):
    answer = mw(trained_once, "export", "ray-serve", *words, "--to", str(tmp_path / "out"))
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert message in answer.err
    assert not (tmp_path / "out").exists()


def test_version_without_a_package_is_told(trained, mw, tmp_path):
    from millwright.registry.source_draft import SourceDraft
    from millwright.workspace.workspace import Workspace

    with Workspace.open(trained) as workspace:
        workspace.registry.editor.create_model("theirs")
        workspace.registry.editor.add_version(SourceDraft(name="theirs", source="s3://bucket/model"))
    answer = mw(trained, "export", "docker", "theirs@1", "--to", str(tmp_path / "out"))
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "MLflow client registered" in answer.err
