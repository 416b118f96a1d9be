import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest
from alibabacloud_rds20140815.client import Client
from alibabacloud_tea_openapi.models import Config


@pytest.fixture(scope="session")
def server():
    """The URL of a server that all tests share."""
    command = [os.environ.get("RDS_MOCK_BIN", "rds-mock"), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


class Rds:
    """An account of the test's own: nothing that other tests do is seen here."""

    def __init__(self, server):
        self.server = server
        account = self.control("accounts")
        self.account = account["AccountId"]
        self.client = Client(Config(
            access_key_id=account["AccessKeyId"], access_key_secret=account["AccessKeySecret"],
            endpoint=server.removeprefix("http://"), protocol="http",
        ))

    def control(self, path, **body):
        """Posts to a route under /_mock/."""
        request = urllib.request.Request(
            f"{self.server}/_mock/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            pytest.fail(refusal.read().decode())

    def plan(self, **fault):
        self.control(f"faults?account={self.account}", **fault)

    def verify(self, action, **times):
        self.control(f"verify?account={self.account}", action=action, times=times)


@pytest.fixture
def rds(server):
    return Rds(server)
