"""moto, whose Lambda runs functions of this process and whose Step Functions runs machines for real."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from chalicelib import wiring

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
        patch.object(wiring, "_installed", None),
    ):
        yield


class _NoTime:
    def sleep(self, seconds: float) -> None:
        pass
