from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from millwright.exports.image import MODEL_FOLDER, USER, context_files, dockerfile
from millwright.exports.wheel import wheel_name

ROWS = [{"load": 2.5, "crew": "a", "days": 3}, {"load": -1.25, "crew": "b", "days": 30}]


def instruction(text, name):
    return re.findall(rf"^{name} (.*(?:\\\n.*)*)", text, re.MULTILINE)


def image_environment(text):
    (variables,) = instruction(text, "ENV")
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', variables))


def test_image_is_built_on_a_pinned_base_as_a_user_without_rights(planned):
    text = dockerfile(planned())
    bases = [line.split()[0] for line in instruction(text, "FROM")]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim", bases[0])
    assert bases == [bases[0]] * 2
    assert instruction(text, "USER") == [f"{USER}:{USER}"]
    assert instruction(text, "STOPSIGNAL") == ["SIGTERM"]
    assert text.index("USER") > text.index("useradd")


def test_millwright_comes_from_the_folder_and_never_from_an_index(planned):
    plan = planned()
    files = context_files(plan)
    text = files["Dockerfile"].decode()
    assert f"/build/wheels/{wheel_name()}" in text
    assert f"wheels/{wheel_name()}" in files
    pins = files["requirements.txt"].decode().splitlines()
    assert all(re.fullmatch(r"[a-z0-9.-]+==\S+", line) for line in pins)
    assert not [line for line in pins if line.startswith("millwright")]


def test_image_holds_no_pickle_and_ignores_what_it_does_not_need(planned):
    files = context_files(planned())
    ignored = files[".dockerignore"].decode().splitlines()
    assert ignored[0] == "*"
    tops = {path.partition("/")[0] for path in files} - {".dockerignore"}
    assert {line.removeprefix("!") for line in ignored[1:]} == tops
    assert not [path for path in files if path.endswith((".pkl", ".pickle", ".joblib"))]


def test_system_libraries_are_installed_only_for_models_that_need_them(planned):
    from dataclasses import replace

    plan = planned()
    assert "apt-get" not in dockerfile(plan)
    needs = replace(plan, requirements=replace(plan.requirements, system=("libgomp1",)))
    assert "--no-install-recommends libgomp1" in dockerfile(needs)


def test_value_with_quotes_stays_one_value(planned):
    text = dockerfile(planned(env={"GREETING": 'say "hi"\\now'}))
    assert r'GREETING="say \"hi\"\\now"' in text


def test_exported_model_answers_as_the_registered_one(planned, trained_once, tmp_path, tmp_path_factory):
    """The very command of the image, with its variables alone, in a process that knows of no workspace."""
    plan = planned()
    text = dockerfile(plan)
    for path, content in plan.bundle.files().items():
        (tmp_path / path).write_bytes(content)
        (tmp_path / path).chmod(0o444)
    tmp_path.chmod(0o555)
    environment = {**image_environment(text), "PATH": os.environ["PATH"], "MILLWRIGHT_SERVE__PORT": "0"}
    environment |= {"MILLWRIGHT_SERVE__HOST": "127.0.0.1", "TMPDIR": os.environ.get("TMPDIR", "")}
    entry = json.loads(instruction(text, "ENTRYPOINT")[0])
    command = json.loads(instruction(text, "CMD")[0])
    assert (entry, command) == (["mw"], ["serve", MODEL_FOLDER])
    # What the image leaves out cannot be imported here, either.
    code = (
        "import sys; sys.modules |= dict.fromkeys(('deltalake', 'pyarrow', 'sklearn')); "
        "from millwright.cli.main import main; main()"
    )
    environment["MILLWRIGHT_PREDICTIONS"] = str(tmp_path_factory.mktemp("log"))
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, "serve", str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            url = process.stdout.readline().split()[4]
            answered = httpx.post(f"{url}/predict", json={"rows": ROWS})
            assert httpx.get(f"{url}/v2/health/ready").json() == {"ready": True}
            probe = json.loads(instruction(text, "HEALTHCHECK")[0].partition("CMD ")[2])
            probe = [word.replace("127.0.0.1:8080", url.removeprefix("http://")) for word in probe]
            assert subprocess.run([sys.executable, *probe[1:]], check=False).returncode == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, process.stderr.read()
        assert process.stderr.read() == ""
    assert list(Path(environment["MILLWRIGHT_PREDICTIONS"]).rglob("*.parquet"))
    assert answered.headers["x-model-version"] == "late-visit@1"
    found = answered.json()["predictions"]
    for row in found:
        row.pop("prediction_id")
    assert found == registered(trained_once)


def registered(project):
    from millwright.models.package import load_predictor
    from millwright.workspace.workspace import Workspace

    with Workspace.open(project) as workspace:
        record = workspace.registry.resolve("late-visit@champion")
        return load_predictor(workspace.stores.artifacts.get(record.stored_package())).predict_rows(ROWS)


@pytest.mark.parametrize("image", ["late-visit:1", "registry.example.com/team/late:7"])
def test_dockerfile_says_how_it_is_built(planned, image):
    assert dockerfile(planned(image=image)).count(f"docker build --tag {image}") == 2
