"""Notifications over real HTTP: they arrive, and a server that is killed in between loses none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobhook.core.notifications.policy import NotificationPolicy
from tests.e2e.client import call, until
from tests.e2e.seed import make_due, put_jobs, settings
from tests.e2e.server import ServerProcess, serving
from tests.e2e.service import Service, service


@pytest.fixture
def chat() -> Iterator[Service]:
    with service() as listening:
        yield listening


def fails_and_is_told(data: Path, owner: Service, chat: Service) -> None:
    put_jobs(data, [("nightly", settings(owner.url, notify=NotificationPolicy(chat.url)))])
    make_due(data)


def fail(owner: Service) -> dict[str, Any]:
    (webhook,) = owner.wait_for(1)
    assert call("POST", webhook["callback_url"], {"status": "fail", "error": "no room"}).status == 200
    return webhook


def until_told(server: ServerProcess, execution_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = call("GET", f"{server.url}/executions/{execution_id}").document["notification"]
        return found if found["status"] == "delivered" else None

    return until(look)


def test_a_failure_is_told_at_once_and_its_record_says_so(data: Path, owner: Service, chat: Service) -> None:
    fails_and_is_told(data, owner, chat)
    with serving(data) as server:
        webhook = fail(owner)
        (message,) = chat.wait_for(1)
        assert message["id"] == f"{webhook['execution_id']}:failed"
        assert message["text"].endswith("(job_failed: no room)")
        assert until_told(server, webhook["execution_id"])["attempts"] == 1
        assert server.stop() == 0
        assert chat.url.rpartition("/")[0] not in server.said


def test_a_server_that_is_killed_before_the_target_has_answered_tells_it_after_its_restart(
    data: Path, port: int, owner: Service, chat: Service
) -> None:
    fails_and_is_told(data, owner, chat)
    chat.hold.clear()
    with serving(data, port=port) as server:
        webhook = fail(owner)
        (first,) = chat.wait_for(1)
        server.kill()
    chat.hold.set()
    let_the_claim_pass(data)
    with serving(data, port=port) as server:
        assert chat.wait_for(2)[1] == first
        assert until_told(server, webhook["execution_id"])["attempts"] == 2
        assert server.stop() == 0
    assert len(chat.webhooks) == 2


def let_the_claim_pass(data: Path) -> None:
    """Without the half minute that it takes."""
    with closing(sqlite3.connect(data / "jobhook.db")) as connection, connection:
        changed = connection.execute(
            "UPDATE executions SET notify_at_ms = 1, notification = json_set(notification, '$[3]', 1) "
            "WHERE notify_at_ms IS NOT NULL"
        )
        assert changed.rowcount == 1
