"""A model that learns from labels as they arrive, to the end: answers, labels, snapshots, harm, and the way back."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from river import linear_model, preprocessing

import millwright as mw
from millwright.models.adoption import adopt
from millwright.models.flavors.river import RiverModel
from millwright.registry.packaged import register_model

RANDOM = np.random.default_rng(1)
DECLARED = """
# --8<-- [start:declared]
[learning.delays]
endpoint = "delay"         # whose predictions and labels it learns from
model = "delay"
snapshot_labels = 100      # a version after so many labels,
snapshot_after = "1h"      # or when the oldest label that none holds is so old
window = 50                # labels over which the guard's metric is taken
metric = "accuracy"        # or any of the task's metrics; mae for numbers
limit = 0.7                # the worst value that is fine
# --8<-- [end:declared]
"""


def register() -> None:
    """A model that has learnt nothing yet."""
    # --8<-- [start:register]
    learner = preprocessing.StandardScaler() | linear_model.LogisticRegression()
    sample = pl.DataFrame({"rain": [0.0, 9.0], "crew": [4.0, 2.0]})  # rows as callers will send them
    model = adopt(RiverModel(learner, classes=(False, True)), sample, target="late")
    with mw.Workspace.open() as workspace:
        register_model(model, "delay", sample=sample, registry=workspace.registry, stores=workspace.stores)
    # --8<-- [end:register]


def run(*words: str) -> str:
    """What `mw` printed, in this folder."""
    command = [sys.executable, "-m", "millwright", *words]
    return subprocess.run(command, check=True, env=environment(), capture_output=True, text=True).stdout


def environment() -> dict[str, str]:
    """Of the processes that this one starts."""
    return {**os.environ, "MILLWRIGHT_HOME": str(Path.cwd())}


def ask(port: int, count: int, *, turned: bool) -> float:
    """Ask for predictions and label them; the share that was right. `turned` tells the opposite of what is."""
    rows = [{"rain": RANDOM.uniform(0, 10), "crew": float(RANDOM.integers(2, 9))} for _ in range(count)]
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/predict", json.dumps({"rows": rows}), {"Content-Type": "application/json"})
    answers = json.load(connection.getresponse())["predictions"]
    connection.close()
    late = [(row["rain"] > 5) != turned for row in rows]
    with Path("outcomes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["prediction_id", "label"])
        writer.writerows((answer["prediction_id"], value) for answer, value in zip(answers, late, strict=True))
    return sum(answer["prediction"] == value for answer, value in zip(answers, late, strict=True)) / count


def learn() -> dict[str, Any]:
    """Add the labels, and let the model meet them once they are five seconds old."""
    for _ in range(30):  # answers are in the log about half a second later, and labels are for what is there
        time.sleep(1)
        if not json.loads(run("labels", "add", "delay", "outcomes.csv", "--json"))["unknown"]:
            break
    time.sleep(6)
    [status] = json.loads(run("learning", "step", "--json"))
    return dict(status)


def wait_for(port: int) -> None:
    """Until the server answers."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("The server does not answer.")


def main() -> None:
    """Learn, answer better, meet false labels, go back."""
    Path("millwright.toml").write_text(DECLARED, encoding="utf-8")
    os.environ["MILLWRIGHT_HOME"] = str(Path.cwd())
    register()
    with mw.Workspace.open() as workspace:  # as `mw models approve` and `mw models promote` do
        workspace.registry.approve("delay", 1, reason="an untaught learner, to begin with")
        workspace.registry.promote("delay", 1, "online", reason="learns from here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "millwright", "serve", "delay@online", "--port", str(port)]
    log = Path("server.log").open("wb")  # noqa: SIM115 - the server's, which ends with it
    server = subprocess.Popen(command, env=environment(), stdout=log, stderr=log)
    try:
        wait_for(port)
        untaught = ask(port, 150, turned=False)
        status = learn()
        assert status["version"] == "delay@2", status
        for _ in range(30):  # the server looks for the alias each second
            time.sleep(1)
            taught = ask(port, 50, turned=False)
            if taught > 0.9:
                break
        ask(port, 100, turned=True)
        status = learn()
        assert status["is_held"], status
        assert status["version"] == "delay@2", status
        print(run("learning", "show"))
    finally:
        server.terminate()
        server.wait(30)
        log.close()
    print(json.dumps({"right before": untaught, "right after": taught}))
    assert taught > 0.9 > untaught, (untaught, taught)


if __name__ == "__main__":
    main()
