"""The servers: how each is started, and what it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.serving.shape import INFER, INPUTS, RECORDS, ROWS, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.serving.shape import Rows

DRIVERS = Path(__file__).with_name("drivers")
OURS, LOGGING, BARE = "Millwright", "Millwright, logging", "bare uvicorn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A way to serve the model.

    Attributes:
        name: As the table calls it.
        driver: Its file in `drivers`, which is given a folder and a port.
        package: Whose version is shown.
        python: The variable that names its interpreter; empty for this one.
        arguments: What else the driver is given.
        prepared_by: A driver that is run once, before anything is timed.
        path: Where it is asked.
        shape: What it is asked, and what it answers.
        settle_s: How long after the last answer it may go on working for the requests.
    """

    name: str
    driver: str
    package: str
    python: str = ""
    arguments: tuple[str, ...] = ()
    prepared_by: str = ""
    path: str = "/predict"
    shape: Shape = ROWS
    settle_s: float = 0.0

    @property
    def interpreter(self) -> str:
        """Its environment's; empty when it is left out."""
        return os.environ.get(self.python, "") if self.python else sys.executable

    @property
    def version(self) -> str:
        """What is measured."""
        code = f"import importlib.metadata; print(importlib.metadata.version({self.package!r}))"
        found = subprocess.run([self.interpreter, "-c", code], check=True, capture_output=True, text=True)
        return f"{self.package} {found.stdout.strip()}"

    def prepare(self, folder: Path) -> None:
        """Do once what comes before serving."""
        if self.prepared_by:
            command = [self.interpreter, str(DRIVERS / f"{self.prepared_by}.py"), str(folder)]
            subprocess.run(command, check=True, capture_output=True, cwd=folder)

    def command(self, folder: Path, port: int) -> list[str]:
        """What starts it."""
        return [self.interpreter, str(DRIVERS / f"{self.driver}.py"), str(folder), str(port), *self.arguments]

    def request(self, rows: Rows) -> bytes:
        """What asks for rows, as the bytes of HTTP/1.1."""
        body = json.dumps(self.shape.ask(rows)).encode()
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: */*\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def probabilities(self, body: bytes) -> list[float]:
        """What it answered."""
        return self.shape.read(json.loads(body))


# Those of one group are up at the same time and asked in turn; the groups are up one after the other in each round, so
# that what idle servers do behind the scenes does not count for others.
GROUPS: Sequence[Sequence[Stack]] = (
    (
        Stack(name=OURS, driver="ours", package="millwright", arguments=("off",), shape=RECORDS),
        Stack(name=LOGGING, driver="ours", package="millwright", arguments=("on",), shape=RECORDS, settle_s=1.5),
        Stack(name=BARE, driver="bare", package="uvicorn", shape=RECORDS),
    ),
    (Stack(name="FastAPI", driver="fastapi_driver", package="fastapi", python="FASTAPI_PYTHON"),),
    (Stack(name="BentoML", driver="bentoml_driver", package="bentoml", python="BENTOML_PYTHON"),),
    (Stack(name="LitServe", driver="litserve_driver", package="litserve", python="LITSERVE_PYTHON"),),
    (Stack(name="Ray Serve", driver="ray_driver", package="ray", python="RAY_PYTHON"),),
    (
        Stack(
            name="MLServer",
            driver="mlserver_driver",
            package="mlserver",
            python="MLSERVER_PYTHON",
            path="/v2/models/late/infer",
            shape=INFER,
        ),
    ),
    (
        Stack(
            name="MLflow",
            driver="mlflow_driver",
            package="mlflow",
            python="MLFLOW_SERVING_PYTHON",
            prepared_by="mlflow_package",
            path="/invocations",
            shape=INPUTS,
        ),
    ),
)
