from __future__ import annotations

import pytest

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.core.records.model import ModelStage, ModelVersionState
from millwright.registry.source_draft import SourceDraft
from millwright.testing import sample


@pytest.fixture
def editor(registry):
    return registry.editor


def actions(stores):
    return [entry.action for entry in stores.audit.iter()]


def told(events):
    return [event.type for event in events]


def test_model_is_made_described_tagged_renamed_and_deleted_each_with_entry_and_event(editor, stores, events):
    made = editor.create_model("a", description="d", tags={"k": "v"}, project="p")
    assert stores.models.find_model("a") == made
    assert made.project == "p"
    with pytest.raises(AlreadyExistsError):
        editor.create_model("a")
    editor.describe_model("a", "new")
    editor.tag_model("a", {"l": "w"})
    for _ in range(2):
        editor.untag_model("a", "k")
    renamed = editor.rename_model("a", "b")
    assert (renamed.name, renamed.description, renamed.tags) == ("b", "new", {"l": "w"})
    assert renamed.updated_at > made.updated_at
    editor.delete_model("b")
    assert stores.models.list_models() == []
    verbs = ("create", "update", "set_tags", "delete_tag", "rename", "rename", "delete")
    assert actions(stores) == [f"model.{verb}" for verb in verbs]
    kinds = ("created", "updated", "tag_set", "tag_deleted", "renamed", "deleted")
    assert told(events) == [f"model.{kind}" for kind in kinds]
    assert {event.stream for event in events} == {"models/a", "models/b"}


def test_unknown_model_is_an_error_that_names_the_closest(editor):
    editor.create_model("delay")
    with pytest.raises(NotFoundError, match=r"'dellay'.*'delay'"):
        editor.describe_model("dellay", "x")


def test_version_by_source_has_no_package_and_descends_from_its_run(editor, stores, events):
    editor.create_model("a")
    for _ in range(2):
        version = editor.add_version(SourceDraft(name="a", source="runs:/r/m", run_id="r", tags={"k": "v"}))
    assert (version.ref, version.package, version.state) == ("a@2", None, ModelVersionState.CANDIDATE)
    assert [edge.target_id for edge in stores.lineage.downstream(NodeKind.RUN, "r")] == ["a@1", "a@2"]
    assert events[-1].data["source"] == "runs:/r/m"
    assert stores.models.find_model("a").updated_at == version.created_at


def test_version_is_described_tagged_staged_and_deleted(editor, stores, events):
    editor.create_model("a")
    for _ in range(2):
        editor.add_version(SourceDraft(name="a", source="s3://x"))
    editor.describe_version("a", 1, "d")
    editor.tag_version("a", 1, {"k": "v", "l": "w"})
    for _ in range(2):
        editor.untag_version("a", 1, "k")
    for version in (1, 2):
        editor.set_stage("a", version, ModelStage.PRODUCTION, archive_others=True)
    first = stores.models.get_version("a", 1)
    assert (first.description, first.tags, first.stage) == ("d", {"l": "w"}, ModelStage.ARCHIVED)
    editor.delete_version("a", 1)
    assert [version.version for version in stores.models.list_versions("a")] == [2]
    assert told(events)[3:] == [
        "model.version_updated",
        "model.version_tag_set",
        "model.version_tag_set",
        "model.version_tag_deleted",
        "model.stage_changed",
        "model.stage_changed",
        "model.version_deleted",
    ]


def test_events_of_prompts_say_so(editor, events):
    editor.create_model("p", tags={"mlflow.prompt.is_prompt": "true"})
    editor.tag_model("p", {"k": "v"})
    editor.add_version(SourceDraft(name="p", source="dummy-source"))
    editor.tag_version("p", 1, {"k": "v"})
    assert [event.data.get("prompt") for event in events if "tag" in event.type] == [True, True]


def test_alias_moves_without_the_policy_only_where_nothing_protects_it(registry, editor, policy, draft, stores):
    policy.objections = ["No."]
    editor.create_model("wire")
    editor.add_version(SourceDraft(name="wire", source="s3://x"))
    registry.point("wire", 1, "champion", reason="r")
    registry.register(draft(name="ours"))
    registry.point("ours", 1, "shadow", reason="r")
    with pytest.raises(Exception, match=r"may not become champion: No\."):
        registry.point("ours", 1, "champion", reason="r")
    assert [(alias.name, alias.alias) for alias in stores.models.list_aliases()] == [
        ("ours", "shadow"),
        ("wire", "champion"),
    ]
    for _ in range(2):
        editor.delete_alias("wire", "champion", reason="r")
    assert stores.models.find_alias("wire", "champion") is None


def test_model_that_an_endpoint_serves_keeps_its_name_and_its_versions(registry, editor, stores, draft):
    registry.register(draft(name="delay"))
    stores.endpoints.put(sample.endpoint("delay"))
    for change in (
        lambda: editor.rename_model("delay", "late"),
        lambda: editor.delete_model("delay"),
        lambda: editor.delete_version("delay", 1),
    ):
        with pytest.raises(ConflictError, match="serves it"):
            change()
    assert stores.models.get_version("delay", 1).ref == "delay@1"


def test_champion_is_not_deleted_around_the_policy(registry, editor, stores, draft):
    registry.register(draft(name="delay"))
    registry.promote("delay", 1, "champion", reason="r", force=True)
    for change in (lambda: editor.delete_model("delay"), lambda: editor.delete_version("delay", 1)):
        with pytest.raises(ConflictError, match="version 1 is its champion"):
            change()
    editor.delete_alias("delay", "champion", reason="r")
    editor.delete_version("delay", 1)
    editor.delete_model("delay")
    assert stores.models.find_model("delay") is None


def test_files_of_a_package_follow_its_model(registry, editor, stores, draft):
    registry.register(draft(name="a"))
    editor.rename_model("a", "b")
    assert [file.path for file in stores.files.walk("registry")] == ["registry/b/1/package.zip"]
    assert [edge.target_id for edge in stores.lineage.downstream(NodeKind.MODEL_VERSION, "a@1")] == ["b@1"]
    editor.delete_version("b", 1)
    assert list(stores.files.walk("registry")) == []
