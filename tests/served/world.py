"""What the suite needs before a command or a method can be tried: jobs, and executions in every state."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobhook import Client, JobSettings
from jobhook.client.callbacks import say
from tests.e2e.service import Service
from tests.served.backends import Served

SCHEDULE = "cron(0 6 * * ? *)"
FIRED = "rate(1 day)"
"""What comes due when a test says so: a rate may at any second."""


def far_from_now() -> str:
    """The time of day, as `06:00`, that is half a day away: it does not pass while a test counts what is to come."""
    return f"{(datetime.now(UTC).hour + 12) % 24:02}:00"


@dataclass
class World:
    """An installation without jobs, and a service that takes webhooks."""

    server: Served
    client: Client
    owner: Service

    def settings(self, **changes: object) -> JobSettings:
        plain: JobSettings = {"schedule": SCHEDULE, "invocation_target": self.owner.url, "ttl_seconds": 600}
        return {**plain, **changes}  # type: ignore[typeddict-item]  # each test names fields of JobSettings

    def put(self, **changes: object) -> None:
        """The job reports/nightly."""
        self.client.put_job("reports", "nightly", self.settings(**changes))

    def running(self, **changes: object) -> dict[str, Any]:
        """The webhook of an execution of reports/nightly that waits for its service."""
        self.put(schedule=FIRED, **changes)
        self.server.fire(FIRED)
        return self.webhook()

    def failed(self) -> str:
        """The id of an execution of reports/nightly that has failed."""
        return self._fail(self.running())

    def failed_telling(self) -> str:
        """The id of another one, whose end the service is told."""
        self.put(schedule=FIRED, notify={"target": f"{self.owner.url}told", "on": ["failed"]})
        return self.failed_again()

    def failed_again(self) -> str:
        """The id of another one."""
        before = len(self.owner.webhooks)
        self.client.run_job("reports", "nightly")
        return self._fail(self.webhook(before + 1))

    def webhook(self, number: int = 1) -> dict[str, Any]:
        """The `number`th webhook, once its callback is heard."""
        webhook = self.owner.wait_for(number)[-1]
        self.server.settle()
        return webhook

    def _fail(self, webhook: dict[str, Any]) -> str:
        say(webhook["callback_url"], {"status": "fail", "error": "no orders.csv"})
        self.server.settle()
        return str(webhook["execution_id"])
