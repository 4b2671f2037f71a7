"""The server as a process: who holds the data, stopping, dying, standing by, and what it refuses to start with."""

import contextlib
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from jobhook.server.auth.credentials import CredentialsFile
from tests.e2e.client import Reply, call, curl, until, until_status
from tests.e2e.seed import DAILY, let_expire, make_due, put_jobs, rows, settings
from tests.e2e.server import JOBHOOK, ServerProcess, serving
from tests.e2e.service import Service
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

JOB_BODY = {"invocation_target": "http://127.0.0.1:9/hook", "schedule": DAILY, "ttl_seconds": 60}


def refused(*options: str) -> str:
    """What `jobhook serve` says as it refuses to start: one line, and no stack trace."""
    done = subprocess.run([JOBHOOK, "serve", *options], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("jobhook serve: ")
    return line


# --- kill -9 --------------------------------------------------------------------------------------------------------


def test_kill_9_while_fifty_executions_wait_loses_none_and_sends_none_twice(
    data: Path, port: int, owner: Service
) -> None:
    short = [(f"short-{number}", settings(owner.url)) for number in range(10)]
    long = [(f"long-{number}", settings(owner.url)) for number in range(40)]
    put_jobs(data, short + long)
    make_due(data)
    with serving(data, port=port) as server:
        webhooks = owner.wait_for(50)
        until(lambda: True if len(running(server)) == 50 else None)  # the answers are noted
        server.kill()
    let_expire(data, "short-%")
    with serving(data, port=port) as server:
        for webhook in webhooks:
            status = call("POST", webhook["callback_url"], {"status": "success"}).status
            assert status == (410 if webhook["job_name"].startswith("short") else 200), webhook["job_name"]
        for webhook in webhooks:
            expected = "timed_out" if webhook["job_name"].startswith("short") else "success"
            until_status(server.url, webhook["execution_id"], expected)
        assert len(call("GET", f"{server.url}/executions?limit=200").document["results"]) == 50
        assert server.stop() == 0
    assert len(owner.webhooks) == 50
    assert len({webhook["execution_id"] for webhook in owner.webhooks}) == 50
    assert rows(data, "SELECT count(*) FROM workflows") == [(0,)]


def running(server: ServerProcess) -> list[object]:
    results: list[object] = call("GET", f"{server.url}/executions?limit=200&status=running").document["results"]
    return results


def test_a_webhook_whose_server_was_killed_is_sent_again_as_the_next_attempt(
    data: Path, port: int, owner: Service
) -> None:
    put_jobs(data, [("nightly", settings(owner.url))])
    make_due(data)
    owner.hold.clear()
    with serving(data, port=port) as server:
        owner.wait_for(1)
        server.kill()
    owner.hold.set()
    with serving(data, port=port) as server:
        first, second = owner.wait_for(2)
        assert (first["attempt"], second["attempt"]) == (1, 2)
        assert first["execution_id"] == second["execution_id"]
        assert call("POST", first["callback_url"], {"status": "success"}).status == 200
        assert server.stop() == 0


# --- stopping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_a_stop_is_quick_though_clients_keep_connections(data: Path, name: signal.Signals) -> None:
    with serving(data) as server, contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as idle:
        idle.sendall(b"GET /jobs HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(20).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert server.stop(name) == 0
        assert time.monotonic() - began < 10  # one that waits for the connections takes 12 s
        assert "Traceback" not in server.said
        assert "ERROR" not in server.said


def test_a_webhook_that_is_under_way_may_finish_before_the_stop(data: Path, port: int, owner: Service) -> None:
    put_jobs(data, [("nightly", settings(owner.url))])
    make_due(data)
    owner.hold.clear()
    with serving(data, port=port) as server:
        (webhook,) = owner.wait_for(1)
        server._process.send_signal(signal.SIGTERM)
        server.says("Stopping")
        owner.hold.set()
        assert server.ends() == 0
    assert rows(data, "SELECT status FROM executions") == [("running",)]
    with serving(data, port=port) as server:
        assert call("POST", webhook["callback_url"], {"status": "success"}).status == 200
    assert len(owner.webhooks) == 1


# --- one holder -----------------------------------------------------------------------------------------------------


def test_a_second_server_is_refused_and_told_who_holds_the_data(data: Path) -> None:
    with serving(data) as server:
        said = refused("--port", str(own_port()), "--data", str(data))
        assert f"process {server._process.pid} at {server.url}" in said
        assert "--standby" in said
        assert call("GET", f"{server.url}/jobs").status == 200


def test_a_standby_waits_and_takes_over_when_the_first_is_killed(data: Path, port: int) -> None:
    standby = None
    try:
        with serving(data, port=port) as first:
            assert call("PUT", f"{first.url}/services/a/jobs/b", JOB_BODY).status == 201
            standby = ServerProcess(data, "--standby", port=port)
            assert f"process {first._process.pid}" in standby.says("Standing by")
            first.kill()
        standby.serves()
        assert call("GET", f"{standby.url}/services/a/jobs/b").status == 200
        assert standby.stop() == 0
    finally:
        if standby is not None:
            standby.clean_up()


def test_a_standby_can_be_stopped_while_it_waits(data: Path) -> None:
    with serving(data):
        standby = ServerProcess(data, "--standby")
        try:
            standby.says("Standing by")
            assert standby.stop() == 0
        finally:
            standby.clean_up()


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_port_in_use_is_a_clear_error(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("--port", str(port), "--data", str(data))
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in said


def test_data_of_another_version_is_a_clear_error(data: Path) -> None:
    data.mkdir()
    with contextlib.closing(sqlite3.connect(data / "jobhook.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "schema version 99" in refused("--port", str(own_port()), "--data", str(data))


def test_a_file_that_is_no_database_is_a_clear_error(data: Path) -> None:
    data.mkdir()
    (data / "jobhook.db").write_bytes(b"not a database, but long enough to look like a file " * 20)
    assert "jobhook.db" in refused("--port", str(own_port()), "--data", str(data))


def test_a_data_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot use" in refused("--port", str(own_port()), "--data", str(tmp_path / "file" / "data"))


def test_networks_that_are_none_are_refused(data: Path) -> None:
    said = refused("--target-networks", "10.0.0.0/8,here", "--port", str(own_port()), "--data", str(data))
    assert "--target-networks: 'here' is no network" in said
    assert not data.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_other_than_loopback_is_refused_without_signing(data: Path, host: str) -> None:
    assert "--auth sigv4" in refused("--host", host, "--port", str(own_port()), "--data", str(data))
    assert not data.exists()


# --- signing --------------------------------------------------------------------------------------------------------


def signed(key: str, secret: str, method: str, url: str, document: object = None) -> Reply:
    """A request as a botocore client signs it."""
    body = b"" if document is None else json.dumps(document).encode()
    request = botocore.awsrequest.AWSRequest(method, url, data=body, headers={"Content-Type": "application/json"})
    credentials = botocore.credentials.Credentials(key, secret)
    botocore.auth.SigV4Auth(credentials, "execute-api", "eu-west-1").add_auth(request)
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    data = ["--data-binary", body.decode()] if body else []
    return curl("-X", method, *headers, *data, url)


def test_signed_requests_come_in_and_no_others_but_callbacks(data: Path, port: int, owner: Service) -> None:
    put_jobs(data, [("nightly", settings(owner.url))])
    make_due(data)
    made = CredentialsFile.in_directory(data).add("test")
    key, secret = made.access_key_id, made.secret_key
    with serving(data, "--auth", "sigv4", port=port) as server:
        url = f"{server.url}/services/a/jobs/b"
        for reply in (
            call("PUT", url, JOB_BODY),
            call("GET", f"{server.url}/jobs"),
            call("GET", f"{server.url}/nothing"),
            signed(key, "wrong", "PUT", url, JOB_BODY),
            signed("JHNOBODY", secret, "GET", url),
        ):
            assert reply.status == 403, reply
            assert set(reply.document) == {"code", "message"}
        assert signed(key, secret, "PUT", url, JOB_BODY).status == 201
        assert signed(key, secret, "GET", f"{url}?").status == 200
        if curl_signs():
            signing = ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", f"{key}:{secret}"]
            assert curl(*signing, f"{server.url}/jobs?limit=5").document["results"][0]["job_name"] == "b"
            assert curl(*signing, "-H", "X-Amz-Date: 20200101T000000Z", f"{server.url}/jobs").status == 403
        (webhook,) = owner.wait_for(1)
        assert call("POST", webhook["callback_url"], {"status": "success"}).status == 200
        assert secret not in server.said


def curl_signs() -> bool:
    program = shutil.which("curl")
    assert program is not None
    return "--aws-sigv4" in subprocess.run([program, "--help", "all"], capture_output=True, text=True).stdout
