"""schemathesis, with all its checks, over the running server: every operation, no finding, and a 2xx of each."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2

from jobhook import AccessKey
from jobhook.client.credentials import signing
from jobhook.server.auth.credentials import CredentialsFile
from tests.api.openapi.described import path_template
from tests.client.live import live

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
EXAMPLES = 10
CALLBACKS = 3
EXECUTIONS = 6
WITHIN_SECONDS = 1_800  # it takes half a minute where nothing else runs


class Webhooks(BaseHTTPRequestHandler):
    """Takes every webhook, and keeps where to call back."""

    def do_POST(self) -> None:
        webhook = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received: list[dict[str, Any]] = self.server.received  # type: ignore[attr-defined]  # of `webhooks`
        received.append(webhook)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def webhooks() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A service's URL, and the webhooks that it was sent."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Webhooks) as server:
        received: list[dict[str, Any]] = []
        server.received = received  # type: ignore[attr-defined]  # for its handlers
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()


def prepare(api: httpx2.Client, target: str) -> dict[str, Any]:
    """Jobs, executions that run and that were cancelled, and executions that wait for their callbacks."""
    settings = {"invocation_target": target, "schedule": "cron(0 6 1 1 ? *)", "ttl_seconds": 3_600}
    names = [("reports", "nightly"), ("reports", "weekly"), ("billing", "invoices")]
    for service, job in names:
        assert api.put(f"/services/{service}/jobs/{job}", json=settings).status_code == 201
    executions = [api.post("/services/reports/jobs/nightly/run").json()["id"] for _ in range(EXECUTIONS)]
    for execution_id in executions[::2]:
        assert api.post(f"/executions/{execution_id}/cancel").status_code == 200
    assert api.put("/services/callbacks/jobs/called", json=settings).status_code == 201
    for _ in range(CALLBACKS):
        assert api.post("/services/callbacks/jobs/called/run").status_code == 202
    return {"target": target, "jobs": names, "executions": executions}


def callbacks(received: list[dict[str, Any]]) -> list[list[str]]:
    """The guids and tokens of the webhooks of the job that is called back."""
    return [w["callback_url"].split("/")[-2:] for w in received if w["service_name"] == "callbacks"]


def test_schemathesis_finds_nothing_and_is_answered_with_success_by_every_operation(tmp_path: Path) -> None:
    with webhooks() as (target, received), live(tmp_path, signed=True) as server:
        made = CredentialsFile.in_directory(server.data).add("schemathesis")
        key = AccessKey(made.access_key_id, made.secret_key)
        with httpx2.Client(base_url=server.url, auth=signing(key, "127.0.0.1")) as api:
            prepared = prepare(api, target)
            document = api.get("/openapi.json")
        assert document.status_code == 200
        (tmp_path / "openapi.json").write_bytes(document.content)
        server.settle()
        prepared |= {"callbacks": callbacks(received), "key": key.id, "secret": key.secret}
        assert len(prepared["callbacks"]) == CALLBACKS
        done = schemathesis(tmp_path, server.url, prepared)
    assert done.returncode == 0, done.stdout[-20_000:]
    print(done.stdout)
    everything = set(operations(document.json()))
    assert f"{len(everything)} selected" in done.stdout or f"{len(everything)} tested" in done.stdout, done.stdout
    assert everything - set(succeeded(tmp_path / "events.har")) == set()


def schemathesis(place: Path, url: str, prepared: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """A run of the command line, which finds its settings beside this file."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", str(place / "openapi.json"), "--url", url, "--checks", "all", "--max-examples", str(EXAMPLES)),
        *("--report", "har", "--report-har-path", str(place / "events.har"), "--no-color"),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.api.openapi.schemathesis_hooks",
        "JOBHOOK_PREPARED": json.dumps(prepared),
    }
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False
    )


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, methods in document["paths"].items():
        for method in methods:
            yield method.upper(), path


def succeeded(report: Path) -> Iterator[tuple[str, str]]:
    """The operations that have answered with a 2xx."""
    for entry in json.loads(report.read_text())["log"]["entries"]:
        path = path_template(re.sub(r"^http://[^/]+", "", entry["request"]["url"]).partition("?")[0])
        if 200 <= entry["response"]["status"] < 300 and path is not None:
            yield entry["request"]["method"], path
