from __future__ import annotations

from millwright.exports.docker import DockerTarget


def test_docker_gets_a_build_context_and_the_commands_for_it(planned, tmp_path):
    target, plan = DockerTarget(), planned()
    assert {"Dockerfile", ".dockerignore", "requirements.txt", "model/bundle.json", "model/package.zip"} <= set(
        target.files(plan)
    )
    build, run = target.commands(plan, tmp_path / "a folder")
    assert build == f"docker build --tag late-visit:1 '{tmp_path / 'a folder'}'"
    assert "--read-only --tmpfs /tmp" in run
