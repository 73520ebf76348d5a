"""What a client does to a tracking server; run by the interpreter that has the stock `mlflow` package in it.

`python driver.py URL` reads one JSON command a line (`{"work": …, …}`) and answers each with one line (`{"seconds": …,
"amount": …}`). The same unmodified client and the same raw requests go to every server.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

# The client prints links of its own; what is ours to say goes out by itself.
TOLD = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

JSON = {"content-type": "application/json"}
RETRIES = 5


class Raw:
    """One kept connection."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send and receive; again when the server fails, as MLflow's client does; then a failure raises."""
        for attempt in range(RETRIES + 1):
            self.connection.request(method, path, body, JSON if body is not None else {})
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.status < 500 or attempt == RETRIES:
                break
            # A stock server with several workers on SQLite answers some writes "database is locked".
            time.sleep(0.1 * 2**attempt)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data

    def post(self, path: str, body: object) -> dict:
        """A JSON request to the wire."""
        return json.loads(self.call("POST", f"/api/2.0/mlflow/{path}", json.dumps(body).encode()))


def points(count: int, start: int = 0) -> list[dict]:
    """Metric points as the wire takes them."""
    now = int(time.time() * 1000)
    return [
        {"key": f"metric{number % 5}", "value": number * 0.137, "timestamp": now + number, "step": start + number // 5}
        for number in range(count)
    ]


class Driver:
    """The works, by name."""

    def __init__(self, url: str) -> None:
        import mlflow
        from mlflow import MlflowClient

        self.url = url
        mlflow.set_tracking_uri(url)
        self.client = MlflowClient(url)
        self.experiment = self.client.create_experiment(f"bench-{time.time_ns()}")

    def new_run(self) -> str:
        """A run to write to."""
        return self.client.create_run(self.experiment).info.run_id

    def batch_raw(self, batches: int) -> int:
        """Batches of 1,000 points, raw."""
        run = self.new_run()
        bodies = [
            json.dumps({"run_id": run, "metrics": points(1000, 1000 * number)}).encode() for number in range(batches)
        ]
        self.begin()
        for body in bodies:
            self.raw.call("POST", "/api/2.0/mlflow/runs/log-batch", body)
        return 1000 * batches

    def batch_client(self, batches: int) -> int:
        """Batches of 1,000 points through the client."""
        from mlflow.entities import Metric

        run = self.new_run()
        every = [
            [Metric(p["key"], p["value"], p["timestamp"], p["step"]) for p in points(1000, 1000 * number)]
            for number in range(batches)
        ]
        self.begin()
        for metrics in every:
            self.client.log_batch(run, metrics=metrics)
        return 1000 * batches

    def single(self, calls: int) -> int:
        """One `log_metric` after another, through the client."""
        run = self.new_run()
        self.begin()
        for number in range(calls):
            self.client.log_metric(run, "loss", number * 0.5, step=number)
        return calls

    def single_many(self, calls: int, clients: int) -> int:
        """As many clients at once, each with a connection and a run of its own; raw."""
        bodies = [
            json.dumps({"run_id": self.new_run(), "key": "loss", "value": 0.5, "timestamp": 1, "step": 1}).encode()
            for _ in range(clients)
        ]
        failures: list[Exception] = []

        def work(body: bytes) -> None:
            try:
                raw = Raw(self.url)
                for _ in range(calls):
                    raw.call("POST", "/api/2.0/mlflow/runs/log-metric", body)
            except Exception as error:  # noqa: BLE001 - told by the main thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
        self.begin()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return calls * clients

    def runs(self, count: int) -> int:
        """Create, 10 parameters and 10 metrics in one batch, end; through the client."""
        from mlflow.entities import Metric, Param

        self.begin()
        for _ in range(count):
            run = self.new_run()
            params = [Param(f"p{number}", str(number)) for number in range(10)]
            metrics = [Metric(f"m{number}", number * 0.5, 1, 0) for number in range(10)]
            self.client.log_batch(run, metrics=metrics, params=params)
            self.client.set_terminated(run)
        return count

    def search(self, times: int, results: int = 100) -> int:
        """Filter and order over what was filled in; the client's way of asking, raw."""
        body = {
            "experiment_ids": ["0"],
            "filter": "metrics.accuracy > 0.5 and params.depth = '3'",
            "order_by": ["metrics.accuracy DESC"],
            "max_results": results,
        }
        self.begin()
        for _ in range(times):
            found = self.raw.post("runs/search", body)
            if len(found.get("runs", [])) != results:
                raise RuntimeError(f"Expected {results} runs, found {len(found.get('runs', []))}.")
        return times

    def page(self, times: int) -> int:
        """1,000 runs without a filter."""
        self.begin()
        for _ in range(times):
            found = self.raw.post("runs/search", {"experiment_ids": ["0"], "max_results": 1000})
            if len(found["runs"]) != 1000:
                raise RuntimeError(f"Expected 1000 runs, found {len(found['runs'])}.")
        return times

    def fill_history(self, count: int) -> int:
        """A metric with that many points; not timed as such."""
        self.history_run = self.new_run()
        self.begin()
        for start in range(0, count, 1000):
            batch = [
                {"key": "loss", "value": s * 0.1, "timestamp": s + 1, "step": s} for s in range(start, start + 1000)
            ]
            self.raw.post("runs/log-batch", {"run_id": self.history_run, "metrics": batch})
        return count

    def history(self, count: int) -> int:
        """The whole history, raw, in pages as long as the server gives them."""
        self.begin()
        found, token = 0, ""
        while True:
            query = {"run_id": self.history_run, "metric_key": "loss", "max_results": count}
            if token:
                query["page_token"] = token
            data = self.raw.call("GET", f"/api/2.0/mlflow/metrics/get-history?{urllib.parse.urlencode(query)}")
            read = json.loads(data)
            found += len(read["metrics"])
            token = read.get("next_page_token", "")
            if not token:
                break
        if found != count:
            raise RuntimeError(f"Expected {count} points, found {found}.")
        return count

    def upload(self, megabytes: int) -> int:
        """An artifact of that size, through the client."""
        self.artifact_run = self.new_run()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "blob.bin"
            path.write_bytes(os.urandom(1 << 20) * megabytes)
            self.begin()
            self.client.log_artifact(self.artifact_run, str(path))
        return megabytes

    def download(self, megabytes: int) -> int:
        """The same back."""
        with tempfile.TemporaryDirectory() as folder:
            self.begin()
            got = self.client.download_artifacts(self.artifact_run, "blob.bin", folder)
            taken = time.perf_counter() - self.started
            if Path(got).stat().st_size != megabytes << 20:
                raise RuntimeError("The artifact came back with another size.")
            self.started = time.perf_counter() - taken
        return megabytes

    def begin(self) -> None:
        """Start the clock: what came before was preparation."""
        print("begin", file=TOLD)
        sys.stdin.readline()
        self.raw = Raw(self.url)  # a server lets idle connections go
        self.started = time.perf_counter()


def main() -> None:
    """Answer commands until the input ends."""
    driver = Driver(sys.argv[1])
    print("ready", file=TOLD)
    while line := sys.stdin.readline():
        command = json.loads(line)
        amount = getattr(driver, command.pop("work"))(**command)
        print(json.dumps({"seconds": time.perf_counter() - driver.started, "amount": amount}), file=TOLD)


main()
