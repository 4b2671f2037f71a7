"""The ports of one machine, put together."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.execution import ExecutionInput
from chalicelib.ports import Clock, Ids, Settings, StartPage, Webhooks
from chalicelib.use_cases.dispatch_schedule import start_page
from chalicelib.use_cases.invoke_webhook import invoke_webhook
from chalicelib.use_cases.record_failure import record_failure
from jobhook.server.asl.values import JSON
from jobhook.server.clock import ScheduleClock
from jobhook.server.effects import OneTransactionEffects
from jobhook.server.engine import Engine, Function
from jobhook.server.sqlite.store import SqliteStore

INVOKE = "invoke"
RECORD_FAILURE = "record_failure"
SUBSTITUTIONS = {"InvokeFunctionArn": INVOKE, "RecordFailureFunctionArn": RECORD_FAILURE}
"""What stands for the state machine's placeholders on one machine: the names of `functions`."""

_ALPHABET = string.ascii_lowercase + string.digits


class RandomIds:
    """The `Ids` port, from the operating system's randomness."""

    def incarnation(self) -> str:
        """As the port says."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(12))

    def secret(self) -> str:
        """As the port says."""
        return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class OneMachine:
    """The `Backend` of one machine."""

    store: SqliteStore
    rules: ScheduleClock
    workflows: Engine
    effects: OneTransactionEffects
    webhooks: Webhooks
    clock: Clock
    ids: Ids
    settings: Settings

    @property
    def start_queue(self) -> "InTurn":
        """Pages follow one another in the same process."""
        return InTurn(self)


@dataclass(frozen=True, slots=True)
class InTurn:
    """The `StartQueue` port: the next page is started at once. A death in between leaves the fire open."""

    backend: OneMachine

    async def send(self, pages: Sequence[StartPage]) -> None:
        """As the port says."""
        for page in pages:
            await start_page(self.backend, page)


def functions(backend: OneMachine) -> dict[str, Function]:
    """What the state machine's tasks call; on AWS these are Lambda functions."""

    async def invoke(payload: JSON) -> JSON:
        assert isinstance(payload, dict)
        await invoke_webhook(backend, _run(payload), str(payload["task_token"]))
        return None

    async def fail(payload: JSON) -> JSON:
        assert isinstance(payload, dict)
        failure = payload["failure"]
        assert isinstance(failure, dict)
        error, cause = failure.get("Error"), failure.get("Cause")
        await record_failure(
            backend, _run(payload), None if error is None else str(error), None if cause is None else str(cause)
        )
        return None

    return {INVOKE: invoke, RECORD_FAILURE: fail}


def _run(payload: dict[str, JSON]) -> ExecutionInput:
    document = payload["execution"]
    assert isinstance(document, dict)
    return ExecutionInput.from_json(document)
