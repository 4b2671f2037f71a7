"""How long each function takes to be ready for its first event, beside boto3 alone, from the bundle as Lambda has it.

CPU time, as the median of fresh processes, measured in turn so that a busy machine is busy for all. Even so it moves
the ratio by a tenth and more, so the aim is told of, and only what lies clearly beyond it (pydantic would, and so would
sources that are compiled) makes the proof fail. What is measured of a function: its handler's module, and all that its
use case imports and connects with when it is called; and the same from the sources alone. Of boto3: its import, and a
client of each of the same services. boto3 has its bytecode, as in Lambda's runtime.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from infra.build import BUNDLE, ROOT
from infra.verify.as_on_lambda import AsOnLambda, unpack
from infra.verify.commands import StepFailed
from infra.verify.tools import Tools

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


_USE_CASES = "jobhook.use_cases."
LOADS = {
    "dispatch": Load((_USE_CASES + "dispatch_schedule",), ("store", "workflows"), ("dynamodb", "stepfunctions"), True),
    "start_page": Load(
        (_USE_CASES + "dispatch_schedule", "jobhook.adapters.start_messages"),
        ("store", "workflows", "start_queue"),
        ("dynamodb", "stepfunctions", "sqs"),
        False,
    ),
    "invoke": Load(
        (_USE_CASES + "invoke_webhook", "jobhook.core.executions.execution"),
        ("effects", "senders"),
        ("dynamodb", "stepfunctions"),
        True,
    ),
    "record_failure": Load(
        (_USE_CASES + "record_failure", "jobhook.core.executions.execution"),
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
        (
            _USE_CASES + "put_job",
            _USE_CASES + "record_callback",
            "jobhook.api.bodies.job",
            "jobhook.api.bodies.callback",
        ),
        ("effects", "rules"),
        ("dynamodb", "stepfunctions", "events"),
        False,
    ),
}

_STATE_SCHEMA = "import jobhook.core.json_schema.state_schema, jsonschema\n"  # of callbacks that carry a state
_LOADED = """
import json, sys
files = [(getattr(one, "__file__", None), getattr(one, "__cached__", None)) for one in list(sys.modules.values())]
print(json.dumps([(source, cached) for source, cached in files if source and cached]))
"""
_BEGIN = "import time; began = time.process_time()\n"
_END = "\nprint(time.process_time() - began)"


def _function(load: Load) -> str:
    imports = "".join(f"import {module}\n" for module in load.modules)
    touches = "".join(f"backend.{port}\n" for port in load.ports)
    return f"import app\n{imports}from chalicelib.backend import AwsBackend\nbackend = AwsBackend()\n{touches}"


def _boto3(load: Load) -> str:
    return "import boto3\n" + "".join(f"boto3.client({service!r})\n" for service in load.services)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of CPU."""

    bundle: float
    sources: float
    boto3: float

    @property
    def ratio(self) -> float:
        """Of the bundle to boto3."""
        return self.bundle / self.boto3


def measured(load: Load, bundle: AsOnLambda, sources: AsOnLambda) -> Times:
    """The medians; the first round only warms up."""
    function, alone = _function(load), _boto3(load)
    rounds = [
        (_seconds(bundle, function), _seconds(sources, function), _seconds(bundle, alone)) for _ in range(RUNS + 1)
    ][1:]
    return Times(*(median(column) for column in zip(*rounds, strict=True)))


def _seconds(where: AsOnLambda, script: str) -> float:
    return float(where.run(_BEGIN + script + _END))


def uncompiled(load: Load, bundle: AsOnLambda) -> list[str]:
    """The modules that a function takes from the bundle and that Lambda would compile at every cold start."""
    loaded: list[list[str]] = json.loads(bundle.run(_function(load) + _STATE_SCHEMA + _LOADED))
    modules = [(source, cached) for source, cached in loaded if Path(source).is_relative_to(bundle.task)]
    return sorted(source for source, cached in modules if source.endswith(".py") and not Path(cached).exists())


def main() -> int:
    """Prints a table; 1 where a bounded function is beyond the limit, or a module is compiled at every start."""
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "verify"
    try:
        with tempfile.TemporaryDirectory(prefix="jobhook-lambda-") as scratch:
            bundle = unpack(package / BUNDLE, Path(scratch), Tools.here(), SETTINGS)
            problems = list(_compare(bundle, bundle.without_bytecode(Path(scratch) / "sources")))
    except StepFailed as failed:
        problems = [str(failed)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _compare(bundle: AsOnLambda, sources: AsOnLambda) -> Iterator[str]:
    """The problems; prints the table."""
    print(f"{'function':<16}{'ms':>8}{'sources ms':>12}{'boto3 ms':>10}{'ratio':>8}{'sources':>9}")
    is_compiled = any(bundle.task.glob("**/__pycache__"))
    for name, load in LOADS.items():
        times = measured(load, bundle, sources)
        bound = f"  (aim {AIM}{', missed in this run' if times.ratio > AIM else ''})" if load.bounded else ""
        print(
            f"{name:<16}{times.bundle * 1000:>8.0f}{times.sources * 1000:>12.0f}{times.boto3 * 1000:>10.0f}"
            f"{times.ratio:>8.2f}{times.sources / times.boto3:>9.2f}{bound}"
        )
        if load.bounded and times.ratio > LIMIT:
            yield f"{name} is slower than {LIMIT} times boto3 alone"
        if is_compiled:
            yield from (f"{name} imports {module}, which has no bytecode" for module in uncompiled(load, bundle))


if __name__ == "__main__":
    sys.exit(main())
