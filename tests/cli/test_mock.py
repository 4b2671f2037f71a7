"""`jobhook mock`, against a real server."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook import Client, Execution, JobSettings
from jobhook.cli.tools.mocking.behaviour import Behaviour, BehaviourRefused
from jobhook.cli.tools.mocking.service import MockService
from tests.cli.conftest import Cli, document
from tests.client.live import live
from tests.e2e.client import until
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port
from tests.served.backends import Served

FAST = Behaviour(work=0.02)
SCHEDULE = "rate(1 day)"


class Mock:
    """The mock in a thread; what it tells."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{own_port()}"
        self.lines: list[str] = []
        self._changed = threading.Condition()

    def tell(self, who: str, what: str) -> None:
        with self._changed:
            self.lines.append(f"{who} {what}")
            self._changed.notify_all()

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(text in line for line in self.lines), PATIENCE_SECONDS), (
                self.lines
            )


@contextmanager
def mocking(behaviour: Behaviour = FAST, chance: Callable[[], float] = lambda: 0.5) -> Iterator[Mock]:
    mock = Mock()
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        service = MockService(behaviour, mock.tell, chance)
        await service.listen("127.0.0.1", int(mock.url.rpartition(":")[2]))
        ready.set()
        await stop.wait()
        await service.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    try:
        yield mock
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def run(client: Client, server: Served, target: str) -> None:
    settings: JobSettings = {"schedule": SCHEDULE, "invocation_target": target, "ttl_seconds": 60}
    client.put_job("demo", "mocked", settings)
    server.fire(SCHEDULE)


def last(client: Client) -> Execution:
    return next(client.list_executions("demo", "mocked"))


def test_a_run_gets_heartbeats_and_success(client: Client, server: Served) -> None:
    with mocking() as mock:
        run(client, server, f"{mock.url}/any/path?heartbeats=3")
        mock.wait_for("success: taken")
    assert last(client)["status"] == "success"
    assert [line.split()[2] for line in mock.lines if "heartbeat" in line] == ["25%:", "50%:", "75%:"]
    assert "/callback/" not in "".join(mock.lines)


@pytest.mark.parametrize(
    ("query", "said", "status"),
    [
        ("outcome=fail", "fail: taken", "failed"),
        ("outcome=lose", "callback lost", "running"),
        ("answer=418", "answered 418", "failed"),
        ("lose=100&fail=0", "callback lost", "running"),
        ("fail=100&work=0&heartbeats=0", "fail: taken", "failed"),
        ("color=red", "color is none of answer", "failed"),
        ("work=soon", "could not convert", "failed"),
    ],
)
def test_a_job_chooses_its_behaviour_in_its_target(
    client: Client, server: Served, query: str, said: str, status: str
) -> None:
    with mocking() as mock:
        run(client, server, f"{mock.url}/?{query}")
        mock.wait_for(said)
    assert last(client)["status"] == status


async def test_a_double_is_dropped_and_nonsense_refused(client: Client) -> None:
    webhook: dict[str, Any] = {"service_name": "demo", "job_name": "mocked", "execution_id": "1", "attempt": 1}
    webhook["callback_url"] = "http://127.0.0.1:9/"
    with mocking() as mock:
        async with aiohttp.ClientSession(mock.url) as session:
            for expected, body in ((202, webhook), (202, {**webhook, "attempt": 2}), (400, {}), (400, [])):
                async with session.post("/", json=body) as answer:
                    assert answer.status == expected
    assert "demo/mocked webhook (attempt 2) came again and is dropped" in mock.lines


async def test_a_test_call_is_answered_and_not_worked_on(client: Client) -> None:
    webhook = {"service_name": "demo", "job_name": "mocked", "execution_id": "1", "attempt": 1, "test": True}
    webhook["callback_url"] = "http://127.0.0.1:9/"
    with mocking() as mock:
        async with aiohttp.ClientSession(mock.url) as session:
            for path, expected in (("/", 202), ("/?answer=418", 418), ("/", 202)):
                async with session.post(path, json=webhook) as answer:
                    assert answer.status == expected
    assert mock.lines == [
        "demo/mocked test call answered 202",
        "demo/mocked test call answered 418",
        "demo/mocked test call answered 202",
    ]


async def test_a_notification_is_told(client: Client) -> None:
    message = {"id": "1:failed", "event": "failed", "text": "demo/mocked failed", "execution_id": "1"}
    with mocking() as mock:
        async with aiohttp.ClientSession(mock.url) as session:
            for path, expected, body in (("/", 202, message), ("/?answer=503", 503, {"text": "in Slack's form"})):
                async with session.post(path, json=body) as answer:
                    assert answer.status == expected
    assert mock.lines == [
        "notification answered 202: demo/mocked failed",
        "notification answered 503: in Slack's form",
    ]


def test_on_one_machine_the_end_of_a_run_is_told_at_once(cli: Cli, tmp_path: Path) -> None:
    with live(tmp_path) as server, mocking() as mock:
        url = ("--url", server.url)
        put = ("job", "put", "demo", "mocked", "--schedule", SCHEDULE, "--ttl", "60", "--target")
        cli(*put, f"{mock.url}/?outcome=fail", "--notify", f"{mock.url}/chat", *url)
        started = document(cli("job", "run", "demo", "mocked", "--json", *url))
        mock.wait_for("notification answered 202: demo/mocked failed")
        shown = until(lambda: delivered(cli("execution", "get", started["id"], *url).stdout))
        assert "(1 attempt: HTTP 202)" in shown


def delivered(shown: str) -> str | None:
    return shown if "of failed: delivered " in shown else None


@given(st.floats(0, 1, exclude_max=True))
def test_chance_decides_as_the_percentages_say(chance: float) -> None:
    end = Behaviour(lose=10, fail=20).end(chance)
    assert end == ("lose" if chance * 100 < 10 else "fail" if chance * 100 < 30 else "success")


@pytest.mark.parametrize(
    "query", [{"work": "-1"}, {"work": "nan"}, {"fail": "101"}, {"answer": "99"}, {"outcome": "x"}]
)
def test_a_behaviour_out_of_range_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(BehaviourRefused, match=next(iter(query))):
        Behaviour().of_query(query)


def test_the_command_serves_until_it_is_stopped() -> None:
    port = str(own_port())
    command = [sys.executable, "-m", "jobhook.cli.main", "mock", "--port", port]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as mock:
        assert mock.stdout is not None
        assert f"takes webhooks at http://127.0.0.1:{port}/" in mock.stdout.readline()
        second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        mock.send_signal(signal.SIGINT)
        assert mock.wait(PATIENCE_SECONDS) == 0
    assert second.returncode == 1
    assert second.stderr.endswith(f":{port}: address already in use; choose another --port\n")


def test_a_wrong_option_exits_2(cli: Cli) -> None:
    assert "fail must be 0 to 100" in cli("mock", "--fail", "200", exit_code=2).stderr
