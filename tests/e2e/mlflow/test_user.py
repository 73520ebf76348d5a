"""MLflow's own client of users and roles against a server that asks who comes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import PATIENCE_S, Workplace, finish
from tiny import forking

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

_URL = re.compile(r"http://[\w.]+:\d+")
PASSWORD = "correct horse battery"
# The client stands in packages that import the whole stock server, for which there is more to install than the client
# needs: where that is missing, they are taken for empty, but for the three functions that make paths.
LOAD = """
import importlib.util, sys, types
import mlflow
if importlib.util.find_spec("flask_wtf") is None:
    for name in ("mlflow.server", "mlflow.server.auth"):
        package = types.ModuleType(name)
        package.__path__ = [f"{mlflow.__path__[0]}/{name.partition('.')[2].replace('.', '/')}"]
        sys.modules[name] = package
    handlers = types.ModuleType("mlflow.server.handlers")
    handlers._add_static_prefix = lambda path: path
    handlers._get_rest_path = lambda path, version=2: f"/api/{version}.0{path}"
    handlers._get_ajax_path = lambda path, version=2: f"/ajax-api/{version}.0{path}"
    sys.modules["mlflow.server.handlers"] = handlers
"""
AS_ADMIN = """
import os, sys
from mlflow.exceptions import MlflowException
from mlflow.server.auth.client import AuthServiceClient

client = AuthServiceClient(sys.argv[1])
user = client.create_user("mia", "a staple for the horse")
assert (user.username, user.is_admin) == ("mia", False)
assert client.get_user("mia").id == user.id
try:
    client.create_user("mia", "a staple for the horse")
except MlflowException as error:
    assert error.error_code == "RESOURCE_ALREADY_EXISTS", error
client.update_user_admin("mia", True)
assert client.get_user("mia").is_admin
client.update_user_admin("mia", False)
client.update_user_password("mia", "another staple")
role = next(role for role in client.list_roles("default") if role.name == "contributor")
assert client.get_role(role.id).workspace == "default"
assert client.assign_role("mia", role.id).role_id == role.id
assert [each.user_id for each in client.list_role_users(role.id)] == [user.id]
assert client.get_user_permission("mia", "experiment", "0").permission == "EDIT"
assert {each.permission for each in client.list_role_permissions(role.id)} == {"EDIT"}

os.environ.update(MLFLOW_TRACKING_USERNAME="mia", MLFLOW_TRACKING_PASSWORD="another staple")
assert [each.name for each in client.list_user_roles("mia")] == ["contributor"]
for refused in (lambda: client.create_user("eve", "a staple for the horse"), lambda: client.get_user("root")):
    try:
        refused()
    except MlflowException as error:
        assert error.error_code == "PERMISSION_DENIED", error
    else:
        raise AssertionError
client.update_user_password("mia", "the third staple", current_password="another staple")

os.environ.update(MLFLOW_TRACKING_USERNAME="root", MLFLOW_TRACKING_PASSWORD=sys.argv[2])
client.unassign_role("mia", role.id)
client.delete_user("mia")
try:
    client.get_user("mia")
except MlflowException as error:
    assert error.error_code == "RESOURCE_DOES_NOT_EXIST", error
print("done")
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    workplace = Workplace(tmp_path)
    words = ["-m", "millwright", "users", "add", "root", "--role", "admin"]
    added = forking.run(words, cwd=tmp_path, given=PASSWORD)
    assert added.returncode == 0, added.stderr
    process = workplace.start("server", "--port", "0", "--auth", "on")
    assert process.stdout is not None
    found = _URL.search(process.stdout.readline())
    assert found is not None, process.communicate(timeout=PATIENCE_S)
    yield found.group()
    process.terminate()
    finish(process)


def test_client_manages_users_and_roles(url):
    pytest.importorskip("mlflow", reason="needs mlflow")
    credentials = {"MLFLOW_TRACKING_USERNAME": "root", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    words = ["-c", LOAD + AS_ADMIN, url, PASSWORD]
    done = forking.run(words, cwd=Path.cwd(), env={**os.environ, **credentials}, libraries=("mlflow",))
    assert done.stdout.strip() == "done", done.stderr
