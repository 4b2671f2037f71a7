"""moto, whose Lambda runs functions of this process and whose Step Functions runs machines for real."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint, HeartbeatEndpoint

Call = Callable[[str, object], object]
"""Runs the function of that name or ARN on an event."""


@contextmanager
def moto_calling(call: Call) -> Iterator[None]:
    """What a function raises is its error, as Lambda reports it; retries of tasks wait for nothing."""

    def invoke(
        backend: LambdaSimpleBackend,
        function_name: str,
        qualifier: str | None,
        body: str,
        headers: object,
        response_headers: dict[str, str],
    ) -> bytes:
        try:
            return json.dumps(call(function_name, json.loads(body))).encode()
        except Exception as error:
            response_headers["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()

    config = {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}
    with (
        mock_aws(),
        patch.dict(default_user_config, config),
        patch.object(LambdaSimpleBackend, "invoke", invoke),
        patch.object(retrier_decl, "time", _NoTime()),
        patch.object(CallbackEndpoint, "setup_heartbeat_endpoint", _set_up),
        patch.object(CallbackEndpoint, "notify_heartbeat", _hear_heartbeat),
    ):
        yield


class _NoTime:
    def sleep(self, seconds: float) -> None:
        pass


_deaf_set_up = CallbackEndpoint.setup_heartbeat_endpoint


def _set_up(task: CallbackEndpoint, heartbeat_seconds: int) -> HeartbeatEndpoint:
    """A task begins to wait when its function has returned; it hears what it was told before, as on AWS."""
    heard: HeartbeatEndpoint = _deaf_set_up(task, heartbeat_seconds)
    if task.get_outcome() is not None:
        heard._next_heartbeat_event.set()
    return heard


def _hear_heartbeat(task: CallbackEndpoint) -> bool:
    """A heartbeat that comes before the task waits is taken, as on AWS: its time begins only then."""
    if task._heartbeat_endpoint is not None:
        task._heartbeat_endpoint._next_heartbeat_event.set()
    return True
