"""How long each function takes to be ready for its first event, beside boto3 alone.

CPU time, as the least of fresh processes: all that a busy machine does is to add to it. Even so it moves the ratio by
some hundredths, so the aim is told of, and only what lies clearly beyond it (pydantic alone would) makes the proof
fail. What is measured of a function: its handler's module, and all that its use case imports and connects with when it
is called. Of boto3: its import, and a client of each of the same services. Both find their bytecode, whatever the
environment says of writing it; Lambda compiles what the bundle holds anew at every cold start.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

RUNS = 7
AIM = 1.3
LIMIT = 1.5

SETTINGS = {
    "JOBHOOK_STAGE": "prod",
    "JOBHOOK_METRICS_NAMESPACE": "Jobhook",
    "JOBHOOK_BASE_URL": "https://jobs.example.com",
    "JOBHOOK_JOBS_TABLE": "jobs",
    "JOBHOOK_EXECUTIONS_TABLE": "executions",
    "JOBHOOK_SCHEDULES_TABLE": "schedules",
    "JOBHOOK_RULE_PREFIX": "jobhook-",
    "JOBHOOK_DISPATCH_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:dispatch",
    "JOBHOOK_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:execution",
    "JOBHOOK_START_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/starts",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}


@dataclass(frozen=True, slots=True)
class Load:
    """What a function loads: its use cases' modules, its ports, and the services that those connect with."""

    modules: tuple[str, ...]
    ports: tuple[str, ...]
    services: tuple[str, ...]
    bounded: bool


_USE_CASES = "chalicelib.use_cases."
LOADS = {
    "dispatch": Load((_USE_CASES + "dispatch_schedule",), ("store", "workflows"), ("dynamodb", "stepfunctions"), True),
    "start_page": Load(
        (_USE_CASES + "dispatch_schedule", "chalicelib.start_messages"),
        ("store", "workflows", "start_queue"),
        ("dynamodb", "stepfunctions", "sqs"),
        False,
    ),
    "invoke": Load(
        (_USE_CASES + "invoke_webhook", "chalicelib.domain.execution"),
        ("effects", "webhooks"),
        ("dynamodb", "stepfunctions"),
        True,
    ),
    "record_failure": Load(
        (_USE_CASES + "record_failure", "chalicelib.domain.execution"),
        ("effects",),
        ("dynamodb", "stepfunctions"),
        True,
    ),
    "reconcile": Load(
        (_USE_CASES + "reconcile",),
        ("effects", "rules", "start_queue"),
        ("dynamodb", "stepfunctions", "events", "sqs"),
        False,
    ),
    "api_handler": Load(
        (_USE_CASES + "put_job", _USE_CASES + "record_callback", "chalicelib.domain.requests"),
        ("effects", "rules"),
        ("dynamodb", "stepfunctions", "events"),
        False,
    ),
}

_BEGIN = "import time; began = time.process_time()\n"
_END = "\nprint(time.process_time() - began)"


def _function(load: Load) -> str:
    imports = "".join(f"import {module}\n" for module in load.modules)
    touches = "".join(f"backend.{port}\n" for port in load.ports)
    return f"import app\n{imports}from chalicelib.aws.backend import AwsBackend\nbackend = AwsBackend()\n{touches}"


def _boto3(load: Load) -> str:
    return "import boto3\n" + "".join(f"boto3.client({service!r})\n" for service in load.services)


def _seconds(script: str, bytecode: str) -> float:
    done = subprocess.run(  # noqa: S603 - the scripts are made here
        [sys.executable, "-c", _BEGIN + script + _END],
        env=os.environ | SETTINGS | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _alternating(first: str, second: str, bytecode: str) -> tuple[float, float]:
    """The least of both, measured in turn, so that a busy machine is busy for both; the first only warms up."""
    pairs = [(_seconds(first, bytecode), _seconds(second, bytecode)) for _ in range(RUNS + 1)][1:]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def main() -> int:
    """Prints a table; 1 where a bounded function is beyond the limit."""
    with tempfile.TemporaryDirectory(prefix="jobhook-bytecode-") as bytecode:
        return _compare(bytecode)


def _compare(bytecode: str) -> int:
    print(f"{'function':<16}{'ms':>8}{'boto3 ms':>10}{'ratio':>8}")
    slow = []
    for name, load in LOADS.items():
        mine, yardstick = _alternating(_function(load), _boto3(load), bytecode)
        ratio = mine / yardstick
        bound = f"  (aim {AIM}{', missed in this run' if ratio > AIM else ''})" if load.bounded else ""
        print(f"{name:<16}{mine * 1000:>8.0f}{yardstick * 1000:>10.0f}{ratio:>8.2f}{bound}")
        if load.bounded and ratio > LIMIT:
            slow.append(name)
    if slow:
        print(f"slower than {LIMIT} times boto3 alone: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
