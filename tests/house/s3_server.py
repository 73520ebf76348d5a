"""A server of this machine that speaks S3."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# A process of its own: the library that reads Delta tables holds the interpreter's lock while it waits for the server.
_SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("port", server.get_host_and_port()[1], flush=True)
input()
"""


@contextmanager
def s3_bucket() -> Iterator[str]:
    """The URL of an empty bucket; whoever looks for S3 in the environment finds it there."""
    for module, extra in (("moto", "moto[s3]' flask flask-cors"), ("s3fs", "millwright[s3]'")):
        if find_spec(module) is None:
            pytest.skip(f"needs {module}: pip install '{extra}")
    import s3fs

    with (
        subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        assert server.stdout is not None
        told = re.search(r"port (\d+)", server.stdout.readline())
        assert told is not None
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{told[1]}")
        patch.setenv("AWS_ALLOW_HTTP", "true")  # for Delta's own reader
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        s3fs.S3FileSystem.clear_instance_cache()
        bucket = f"plant-{uuid4().hex}"
        s3fs.S3FileSystem().mkdir(bucket)
        try:
            yield f"s3://{bucket}"
        finally:
            s3fs.S3FileSystem.clear_instance_cache()
            server.kill()
