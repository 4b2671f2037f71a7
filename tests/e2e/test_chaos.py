"""A server killed at random moments under load keeps all that it acknowledged. More rounds with JOBHOOK_KILLS."""

import http.client
import os
import queue
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.client import call, until
from tests.e2e.seed import DAILY, make_due, put_jobs, rows, settings
from tests.e2e.server import ServerProcess, serving
from tests.e2e.service import Service

KILLS = int(os.environ.get("JOBHOOK_KILLS", "12"))
SETTLES_WITHIN_SECONDS = 300  # a function that was lost several times is called again after up to a minute
ANSWERED_JOBS, SILENT_JOBS = 16, 4
LOAD_JOBS = 12

Gone = (OSError, http.client.HTTPException)  # how a killed server looks to its clients


def outcome_of(webhook: dict[str, Any]) -> str:
    """What the service makes of an execution: the same for each of its webhooks."""
    return "success" if random.Random(webhook["execution_id"]).random() < 0.7 else "fail"


class Callbacks:
    """Answers every webhook of the jobs that answer, again and again until it is acknowledged."""

    def __init__(self, owner: Service) -> None:
        self._owner = owner
        self._taken = 0
        self._todo: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.acknowledged: dict[str, str] = {}

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            webhook = self._next()
            if webhook is None:
                time.sleep(0.005)
            elif not self._answer(webhook):
                self._todo.put(webhook)
                time.sleep(0.01)  # the server is dead, or not yet there

    @property
    def idle(self) -> bool:
        return self._taken == len(self._owner.webhooks) and self._todo.empty()

    def _next(self) -> dict[str, Any] | None:
        with self._lock:
            while self._taken < len(self._owner.webhooks):
                self._todo.put(self._owner.webhooks[self._taken])
                self._taken += 1
        try:
            return self._todo.get_nowait()
        except queue.Empty:
            return None

    def _answer(self, webhook: dict[str, Any]) -> bool:
        """Whether it was answered."""
        if webhook["job_name"].startswith("silent"):
            return True
        outcome = outcome_of(webhook)
        try:
            if random.random() < 0.3:
                call("POST", webhook["callback_url"], {"status": "heartbeat"})
            reply = call("POST", webhook["callback_url"], {"status": outcome})
        except Gone:
            return False
        assert reply.status == 200, (reply, webhook["execution_id"])
        self.acknowledged[webhook["execution_id"]] = {"success": "success", "fail": "failed"}[outcome]
        return True


class Jobs:
    """Puts and deletes jobs, and remembers what was acknowledged and what may have happened."""

    def __init__(self) -> None:
        self._possible: dict[str, set[str | None]] = {f"load-{number}": {None} for number in range(LOAD_JOBS)}
        self.written = 0

    def work(self, server_url: str, names: list[str], stop: threading.Event) -> None:
        while not stop.is_set():
            name = random.choice(names)
            self.written += 1
            payload = None if random.random() < 0.2 else f"{name}-{self.written}"
            self._possible[name].add(payload)
            try:
                status = self._write(f"{server_url}/services/load/jobs/{name}", payload)
            except Gone:
                time.sleep(0.01)
                continue
            assert status in (200, 201, 204, 404), status
            self._possible[name] = {payload}

    def workers(self, server_url: str, stop: threading.Event) -> list[Callable[[], None]]:
        """Two, of which each writes jobs of its own."""
        names = list(self._possible)
        return [lambda part=part: self.work(server_url, names[part::2], stop) for part in (0, 1)]  # type: ignore[misc]

    def check(self, data: Path) -> None:
        """Read the file while no server runs."""
        stored = {str(name): str(payload) for name, payload in rows(data, JOBS)}
        assert stored.keys() <= self._possible.keys()
        for name, possible in self._possible.items():
            assert stored.get(name) in possible, (name, stored.get(name), possible)
            self._possible[name] = {stored.get(name)}

    @property
    def count(self) -> int:
        return sum(possible != {None} for possible in self._possible.values())

    @staticmethod
    def _write(url: str, payload: str | None) -> int:
        if payload is None:
            return call("DELETE", url).status
        body = {
            "invocation_target": "http://127.0.0.1:9/",
            "schedule": "rate(7 days)",
            "ttl_seconds": 60,
            "payload": payload,
        }
        return call("PUT", url, body).status


class Checks:
    """What was seen once must stay so."""

    def __init__(self) -> None:
        self.ended: dict[str, str] = {}

    def check(self, data: Path, acknowledged: dict[str, str]) -> None:
        """Read the file while no server runs."""
        now = {str(guid): str(status) for guid, status in rows(data, EXECUTIONS)}
        for execution_id, status in (self.ended | acknowledged).items():
            assert now.get(execution_id) == status, (execution_id, status, now.get(execution_id))
        self.ended = {key: status for key, status in now.items() if status not in ("pending", "running")}


JOBS = "SELECT job_name, payload FROM jobs WHERE service_name = 'load'"
EXECUTIONS = "SELECT guid || '_' || incarnation || '_' || scheduled_time_ms, status FROM executions"


def test_what_was_acknowledged_survives_every_kill(data: Path, port: int, owner: Service) -> None:
    seed = int(os.environ.get("JOBHOOK_SEED", str(time.time_ns())))
    print(f"JOBHOOK_SEED={seed}")  # pytest shows it with a failure
    random.seed(seed)
    answered = [(f"answered-{number}", settings(owner.url)) for number in range(ANSWERED_JOBS)]
    silent = [(f"silent-{number}", settings(owner.url, ttl_seconds=1)) for number in range(SILENT_JOBS)]
    put_jobs(data, answered + silent)
    owner.answers_after = lambda: random.uniform(0, 0.05)
    callbacks, jobs, checks = Callbacks(owner), Jobs(), Checks()

    for _ in range(KILLS):
        make_due(data)
        under_load(data, port, callbacks, jobs, random.choice([after_some_time, after_some_webhooks(owner)]))
        jobs.check(data)
        checks.check(data, dict(callbacks.acknowledged))

    with serving(data, port=port) as server:
        stop = threading.Event()
        worker = threading.Thread(target=callbacks.work, args=(stop,))
        worker.start()
        until(lambda: True if callbacks.idle and not still_open(data) else None, SETTLES_WITHIN_SECONDS)
        stop.set()
        worker.join()
        for webhook in owner.webhooks[::10]:  # nobody gets a second outcome
            other = {"success": "fail", "fail": "success"}[outcome_of(webhook)]
            assert call("POST", webhook["callback_url"], {"status": other}).status == 410
        assert server.stop() == 0
    checks.check(data, callbacks.acknowledged)

    expected = {"answered": {"success", "failed"}, "silent": {"timed_out"}}
    for job_name, status in rows(data, "SELECT job_name, status FROM executions"):
        assert status in expected[str(job_name).partition("-")[0]], (job_name, status)
    fires = rows(data, f"SELECT state, count FROM fires WHERE expression = '{DAILY}'")
    assert fires
    assert set(fires) == {("done", ANSWERED_JOBS + SILENT_JOBS)}
    assert rows(data, "SELECT count(*) FROM executions") == [(len(fires) * (ANSWERED_JOBS + SILENT_JOBS),)]
    deliveries = [(webhook["execution_id"], webhook["attempt"]) for webhook in owner.webhooks]
    assert len(set(deliveries)) == len(deliveries)
    assert rows(data, "SELECT count(*) FROM workflows") == [(0,)]
    counted = rows(data, "SELECT coalesce(sum(jobs), 0) FROM schedules WHERE expression = 'rate(7 days)'")
    assert counted == [(jobs.count,)]
    assert callbacks.acknowledged
    again = sum(attempt > 1 for _, attempt in deliveries)
    print(f"{KILLS} kills, {len(fires)} fires, {len(deliveries)} webhooks ({again} again), {jobs.written} writes")


def after_some_time() -> None:
    """From the start of the process to well after its first work."""
    time.sleep(random.uniform(0.4, 1.2))


def after_some_webhooks(owner: Service) -> Callable[[], None]:
    """While the others are still on their way or wait for an answer."""
    count = len(owner.webhooks) + random.randint(1, ANSWERED_JOBS)
    return lambda: ignore(owner.wait_for(count))


def ignore(_: object) -> None:
    """What came is looked at later."""


def under_load(data: Path, port: int, callbacks: Callbacks, jobs: Jobs, wait: Callable[[], None]) -> None:
    """Kill a server in the middle of callbacks and writes."""
    server = ServerProcess(data, port=port)
    stop = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    work = [lambda: callbacks.work(stop)] * 3 + jobs.workers(server.url, stop)
    threads = [threading.Thread(target=guarded, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    try:
        wait()
    finally:
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def still_open(data: Path) -> bool:
    (((number),),) = rows(data, "SELECT count(*) FROM workflows")
    return number != 0
