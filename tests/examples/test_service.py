"""The example service against a fake Jobhook, in a thousandth of real time."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from examples.callbacks import Event
from examples.jobs import JOBS
from examples.service import ExampleService
from jobhook.api.bodies.callback import parse_callback
from jobhook.api.bodies.job import parse_job
from tests.examples.fake_jobhook import FakeJobhook
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

PACE = 0.001


class Running:
    """A service that listens, its events, and the means to send it webhooks."""

    def __init__(self, jobhook: FakeJobhook, session: aiohttp.ClientSession) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.service = ExampleService(jobhook.url, self.events.put_nowait, pace=PACE)
        self.url = f"http://127.0.0.1:{own_port()}"
        self._session = session

    async def send(self, job: str, document: Any) -> int:
        async with self._session.post(f"{self.url}/hooks/{job}", json=document) as answer:
            return answer.status

    async def until_ended(self) -> list[str]:
        said = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                event = await self.events.get()
                said.append(event.what)
                if event.ended:
                    return said


@pytest.fixture
async def jobhook() -> AsyncIterator[FakeJobhook]:
    fake = FakeJobhook()
    async with fake.server:
        yield fake


@pytest.fixture
async def running(jobhook: FakeJobhook) -> AsyncIterator[Running]:
    async with aiohttp.ClientSession() as session:
        service = Running(jobhook, session)
        await service.service.listen(int(service.url.rpartition(":")[2]))
        yield service
        await service.service.close()


def said(jobhook: FakeJobhook) -> list[dict[str, Any]]:
    return [jobhook.callbacks.get_nowait() for _ in range(jobhook.callbacks.qsize())]


async def test_it_registers_jobs_that_jobhook_takes(jobhook: FakeJobhook, running: Running) -> None:
    await running.service.register(running.url)
    assert set(jobhook.jobs) == {f"example/{name}" for name in JOBS}
    for name, body in jobhook.jobs.items():
        assert body["invocation_target"] == f"{running.url}/hooks/{name.removeprefix('example/')}"
        settings = parse_job("example", name.removeprefix("example/"), "application/json", _json(body), 0)
        assert settings.schedule == "cron(* * * * ? *)"


async def test_the_report_succeeds_and_counts_on_from_the_last_success(jobhook: FakeJobhook, running: Running) -> None:
    assert await running.send("report", jobhook.webhook("report")) == 202
    await running.until_ended()
    assert await running.send("report", jobhook.webhook("report", execution_id="run-2", state='{"reports": 1}')) == 202
    await running.until_ended()
    first, second = said(jobhook)
    assert first == {"status": "success", "summary": "report 1 is out", "state": '{"reports": 1}'}
    assert second["state"] == '{"reports": 2}'


async def test_the_backup_sends_heartbeats_more_often_than_its_ttl(jobhook: FakeJobhook, running: Running) -> None:
    await running.send("backup", jobhook.webhook("backup"))
    events = await running.until_ended()
    *beats, end = said(jobhook)
    assert [beat["progress"] for beat in beats] == [25, 50, 75]
    assert end["status"] == "success"
    assert events[1] == "heartbeat 25%; Jobhook waits until 09:00:05"


async def test_the_import_fails_with_what_was_raised(jobhook: FakeJobhook, running: Running) -> None:
    await running.send("import", jobhook.webhook("import"))
    await running.until_ended()
    (end,) = said(jobhook)
    assert end == {"status": "fail", "error": "FileNotFoundError: there is no file orders.csv to import"}


@pytest.mark.parametrize("job", JOBS)
async def test_every_callback_is_one_that_jobhook_takes(jobhook: FakeJobhook, running: Running, job: str) -> None:
    await running.send(job, jobhook.webhook(job))
    await running.until_ended()
    callbacks = said(jobhook)
    assert callbacks
    for callback in callbacks:
        parse_callback("application/json", _json(callback))


async def test_a_test_call_is_taken_and_nothing_done(jobhook: FakeJobhook, running: Running) -> None:
    webhook = jobhook.webhook("report")
    assert await running.send("report", {**webhook, "test": True}) == 202
    assert await running.send("report", webhook) == 202  # no double of the test
    events = await running.until_ended()
    assert "test call taken: nothing is done, nothing called back" in events


async def test_a_double_is_answered_and_dropped(jobhook: FakeJobhook, running: Running) -> None:
    assert await running.send("report", jobhook.webhook("report")) == 202
    assert await running.send("report", jobhook.webhook("report", attempt=2)) == 202
    events = await running.until_ended()
    assert "webhook received again (attempt 2), dropped" in events
    assert len(said(jobhook)) == 1


@pytest.mark.parametrize("trouble", [[0], [503], [429, 0, 500]])
async def test_a_callback_is_tried_again_until_it_gets_through(
    jobhook: FakeJobhook, running: Running, trouble: list[int]
) -> None:
    jobhook.misbehave = trouble
    await running.send("report", jobhook.webhook("report"))
    await running.until_ended()
    assert [callback["status"] for callback in said(jobhook)] == ["success"]


async def test_it_gives_up_calling_back_in_the_end(jobhook: FakeJobhook, running: Running) -> None:
    jobhook.misbehave = [503] * 20
    await running.send("report", jobhook.webhook("report"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await running.events.get()
        event = await running.events.get()
    assert event.what == "gave up calling back: Jobhook cannot be reached"
    assert len(jobhook.misbehave) == 15


async def test_work_stops_when_jobhook_waits_no_more(jobhook: FakeJobhook, running: Running) -> None:
    jobhook.misbehave = [200, 410]
    await running.send("backup", jobhook.webhook("backup"))
    events = await running.until_ended()
    assert events[-1] == "stopped: Jobhook waits for this run no more"
    assert [callback.get("progress") for callback in said(jobhook)] == [25]


async def test_what_is_no_webhook_is_refused(running: Running, jobhook: FakeJobhook) -> None:
    assert await running.send("nightly", jobhook.webhook("nightly")) == 404
    assert await running.send("report", {"hello": "world"}) == 400
    assert await running.send("report", ["webhook"]) == 400


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
