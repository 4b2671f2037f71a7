"""What a service does with the deployed stack, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from infra.template.intrinsics import Json
from jobhook.core.times import MINUTE_MS, floor_to_minute
from tests.chalicelib.moto_stack import Service, Webhook
from tests.chalicelib.moto_tokens import end_waiting, waiting_tokens
from tests.infra.stack.calls import REGION
from tests.infra.stack.deployment import Deployment
from tests.infra.stack.edges import Api, Reply, fire, listening_service

EVERY_MINUTE = "cron(* * * * ? *)"


@dataclass
class Jobs:
    """Jobs of the service `reports`; `due_ms` is the next nominal time, and each fire moves it on."""

    deployment: Deployment
    service: Service
    api: Api
    due_ms: int

    @classmethod
    @contextmanager
    def of(cls, deployment: Deployment) -> Iterator["Jobs"]:
        """With a service that listens; what still runs at the end is ended."""
        with listening_service() as service:
            soon_ms = floor_to_minute(deployment.now_ms()) + 5 * MINUTE_MS  # after every PUT that comes before the fire
            jobs = cls(deployment, service, Api(deployment), soon_ms)
            try:
                yield jobs
            finally:
                jobs.end_all()

    def put(self, name: str = "nightly", **changes: object) -> Reply:
        settings = {"invocation_target": self.service.url, "schedule": EVERY_MINUTE, "ttl_seconds": 600, **changes}
        return self.api.ask("PUT", f"/services/reports/jobs/{name}", settings)

    def delete(self, name: str = "nightly") -> Reply:
        return self.api.ask("DELETE", f"/services/reports/jobs/{name}")

    def fire(self) -> int:
        """The schedule comes due; the nominal time of it."""
        due_ms, self.due_ms = self.due_ms, self.due_ms + MINUTE_MS
        fire(self.deployment, due_ms)
        return due_ms

    def webhook(self, name: str = "nightly", number: int = 0) -> Webhook:
        """The job's webhook of that number, counted from 0, when its run waits for callbacks."""
        return self.webhooks(number + 1, name)[number]

    def webhooks(self, number: int, name: str = "nightly") -> list[Webhook]:
        """That many of the job's webhooks, when their runs wait for callbacks or have ended."""

        def sent() -> list[Webhook]:
            return [webhook for webhook in self.service.webhooks if webhook["job_name"] == name]

        self.deployment.until(lambda: len(sent()) >= number, f"webhook {number} of {name}")
        for webhook in sent():
            execution_id = str(webhook["execution_id"])
            self.deployment.until(
                lambda one=execution_id: self.waits(one) or self.ended(one),  # type: ignore[misc]  # a bound default
                f"execution {execution_id} to wait",
            )
        return sent()

    def call_back(self, webhook: Webhook, **document: object) -> Reply:
        path = str(webhook["callback_url"]).removeprefix(self.base_url)
        assert path.startswith("/callback/"), f"{webhook['callback_url']} is not under {self.base_url}"
        return self.api.ask("POST", path, document)

    @property
    def base_url(self) -> str:
        """Where the deployed API is."""
        return f"https://{self.deployment.physical_id('RestAPI')}.execute-api.{REGION}.amazonaws.com/prod"

    def execution(self, webhook: Webhook) -> Json:
        return self.api.ask("GET", f"/executions/{webhook['execution_id']}").document

    def ended(self, execution_id: str) -> bool:
        return self.describe(execution_id)["status"] != "RUNNING"

    def describe(self, execution_id: str) -> Json:
        arn = f"{self.deployment.world.machine_arn.replace(':stateMachine:', ':execution:')}:{execution_id}"
        return cast(Json, self.deployment.machines.describe_execution(executionArn=arn))

    def until_ended(self, execution_id: str) -> None:
        self.deployment.until(lambda: self.ended(execution_id), f"execution {execution_id} to end")

    def runs(self) -> list[str]:
        arn = self.deployment.world.machine_arn
        return [run["name"] for run in self.deployment.machines.list_executions(stateMachineArn=arn)["executions"]]

    def waits(self, execution_id: str) -> bool:
        return bool(waiting_tokens(execution_id))

    def end_all(self) -> None:
        """Threads that moto has for runs would outlive the test."""
        if not self.deployment.world.machine_arn:
            return
        for name in self.runs():
            if not self.ended(name):
                self.deployment.until(lambda one=name: self.waits(one) or self.ended(one), name)  # type: ignore[misc]
                end_waiting(self.deployment.machines, name)
