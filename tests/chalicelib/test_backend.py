"""The backend on AWS: each function imports, reads and connects only what it touches."""

import subprocess
import sys
from ipaddress import ip_address

import pytest

from chalicelib.backend import AwsBackend
from jobhook.core.targets.networks import TargetNetworks
from jobhook.ports import Backend, Settings

ENVIRON = {
    "JOBHOOK_BASE_URL": "https://jobs.example.com/api/",
    "JOBHOOK_JOBS_TABLE": "jobs",
    "JOBHOOK_EXECUTIONS_TABLE": "executions",
    "JOBHOOK_SCHEDULES_TABLE": "schedules",
    "JOBHOOK_RULE_PREFIX": "jobhook-",
    "JOBHOOK_DISPATCH_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:dispatch",
    "JOBHOOK_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:execution",
    "JOBHOOK_START_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/starts",
}
SLOW = ("pydantic", "jsonschema", "asyncio", "chalice", "boto3", "aiohttp")

TOUCH_ALL = f"""
import sys
from chalicelib.backend import AwsBackend
backend = AwsBackend({ENVIRON!r})
early = [name for name in sys.modules if name.startswith("botocore")]
assert not early, early
for port in ("store", "rules", "workflows", "effects", "senders", "start_queue", "clock", "ids", "settings"):
    getattr(backend, port)
import chalicelib.stepfunctions, chalicelib.http_sender
print(" ".join(name for name in {SLOW!r} if name in sys.modules))
"""


def test_it_is_a_backend() -> None:
    backend: Backend = AwsBackend({})
    assert isinstance(backend, AwsBackend)


def test_no_port_imports_what_makes_a_function_start_slowly() -> None:
    run = subprocess.run(
        [sys.executable, "-c", TOUCH_ALL],
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
        check=False,
    )
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr


@pytest.mark.parametrize(
    ("port", "variable"),
    [
        ("store", "JOBHOOK_JOBS_TABLE"),
        ("rules", "JOBHOOK_RULE_PREFIX"),
        ("workflows", "JOBHOOK_STATE_MACHINE_ARN"),
        ("start_queue", "JOBHOOK_START_QUEUE_URL"),
    ],
)
def test_a_port_without_its_setting_names_the_variable(
    port: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    environ = {name: value for name, value in ENVIRON.items() if name != variable}
    with pytest.raises(RuntimeError, match=variable):
        getattr(AwsBackend(environ), port)


def test_settings_need_no_variable_and_the_base_url_has_no_slash() -> None:
    assert AwsBackend({}).settings == Settings(base_url="", lead_ms=5_000, rule_quota=300)
    assert AwsBackend(ENVIRON).settings == Settings(
        base_url="https://jobs.example.com/api", lead_ms=5_000, rule_quota=300
    )
    assert AwsBackend({"JOBHOOK_RULE_QUOTA": "1000"}).settings.rule_quota == 1_000


def networks_of(**environ: str) -> TargetNetworks:
    return AwsBackend(environ).settings.target_networks


def test_webhooks_reach_what_the_stack_opens_and_on_lambda_never_loopback() -> None:
    opened = "10.20.0.0/16,127.0.0.0/8"
    assert networks_of() == TargetNetworks()
    assert networks_of(JOBHOOK_TARGET_NETWORKS=opened).refusal(ip_address("127.0.0.1")) is None
    on_lambda = networks_of(JOBHOOK_TARGET_NETWORKS=opened, AWS_LAMBDA_RUNTIME_API="127.0.0.1:9001")
    assert on_lambda.refusal(ip_address("127.0.0.1")) == "loopback"
    assert on_lambda.refusal(ip_address("10.20.1.1")) is None


def test_networks_that_are_none_name_the_variable() -> None:
    with pytest.raises(RuntimeError, match="JOBHOOK_TARGET_NETWORKS: '10' is no network"):
        networks_of(JOBHOOK_TARGET_NETWORKS="10")
