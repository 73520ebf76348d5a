from __future__ import annotations

from urllib.parse import quote


def names(answer):
    return [run["name"] for run in answer["items"]]


def test_runs_are_searched_sorted_and_paged(lab):
    asked = quote("metrics.auc > 0.7 and (params.lr = '0.1' or tags.team = 'b')")
    path = f"/api/v1/tracked?filter={asked}&order={quote('metrics.auc DESC')}&limit=1"
    first = lab.json(path)
    assert names(first) == ["second"]
    second = lab.json(f"{path}&page_token={quote(first['next_page_token'])}")
    assert names(second) == ["first"]
    assert second["next_page_token"] is None


def test_runs_of_all_experiments_in_use_are_searched_unless_some_are_named(lab):
    assert names(lab.json("/api/v1/tracked")) == ["second", "first", "parent"]
    assert names(lab.json("/api/v1/tracked?view=deleted")) == ["gone"]
    assert names(lab.json("/api/v1/tracked?experiment=0")) == []
    assert len(names(lab.json(f"/api/v1/tracked?experiment=0&experiment={lab.experiment}&view=all"))) == 4


def test_run_is_got_with_what_it_read_and_its_metrics(lab):
    found = lab.json(f"/api/v1/tracked/{lab.first}")
    assert found["run"]["params"] == {"lr": "0.1", "model": "rf"}
    assert found["links"]["datasets"][0]["name"] == "visits"
    loss = next(each for each in found["metrics"] if each["key"] == "loss")
    assert (loss["count"], loss["maximum"], loss["last"]["step"]) == (20, 1.0, 19)
    assert lab.get("/api/v1/tracked/nothing").status_code == 404


def test_artifacts_are_listed_folder_by_folder(lab):
    for path in ("a.txt", "b/c.txt", "b/d.txt"):
        lab.put_file(path, b"text")
    top = lab.json(f"/api/v1/tracked/{lab.first}/artifacts?limit=1")
    assert [each["path"] for each in top["items"]] == ["a.txt"]
    rest = lab.json(f"/api/v1/tracked/{lab.first}/artifacts?page_token={top['next_page_token']}")
    assert [(each["path"], each["is_folder"]) for each in rest["items"]] == [("b", True)]
    inner = lab.json(f"/api/v1/tracked/{lab.first}/artifacts?path=b")
    assert [each["path"] for each in inner["items"]] == ["b/c.txt", "b/d.txt"]
    assert lab.get(f"/api/v1/tracked/{lab.first}/artifacts?path=../x").status_code == 422
