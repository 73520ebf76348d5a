from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile

import pytest

from millwright.exports.wheel import build_wheel, wheel_name
from millwright.version import __version__


@pytest.fixture(scope="module")
def wheel():
    return build_wheel()


def test_wheel_records_the_digest_of_every_file(wheel):
    name, content = wheel
    assert name == wheel_name() == f"millwright-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        info = f"millwright-{__version__}.dist-info"
        rows = list(csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode())))
        assert {row[0] for row in rows} == names
        for path, digest, size in rows:
            if path != f"{info}/RECORD":
                data = archive.read(path)
                expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                assert (digest, int(size)) == (f"sha256={expected}", len(data))
        assert b"mw = millwright.cli.main:main" in archive.read(f"{info}/entry_points.txt")
        assert archive.testzip() is None
    assert {"millwright/py.typed", "millwright/exports/wheel.py"} <= names
    assert not [path for path in names if "__pycache__" in path or path.endswith(".pyc")]


def test_wheel_is_installed_by_pip(wheel, tmp_path):
    name, content = wheel
    (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--target", tmp_path / "there", tmp_path / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    code = "import millwright, millwright.cli.main; print(millwright.__file__)"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'there')!r}); {code}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.stdout.startswith(str(tmp_path / "there")), told.stderr
