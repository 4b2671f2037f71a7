"""What each Lambda function loads: a cold start pays for every module."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ["pydantic", "jsonschema", "referencing", "asyncio", "sqlite3", "boto3"]

CALL = """
import json, sys
from types import SimpleNamespace
import app as deployed
from jobhook.core.errors import JobhookError
from tests.fakes.backend import MemoryBackend
from tests.api.gateway import gateway_event

backend = MemoryBackend()
app = deployed.make_app(lambda: backend)
function = SimpleNamespace(**app.handler_map)
RUN = dict(
    execution_id="00000000-0000-5000-8000-000000000000_i00000000001_1795248060000",
    service_name="reports", job_name="nightly", schedule="rate(5 minutes)", scheduled_time_ms=1795248060000,
    ttl_seconds=60, heartbeat_seconds=75, timeout_seconds=315,
)
try:
    CALL
except JobhookError:
    pass
print(json.dumps([name for name in HEAVY if name in sys.modules]))
"""

CALLS = {
    "dispatch": 'function.dispatch({"resources": ["rule/a-b"], "time": "2026-11-21T08:00:00Z"}, None)',
    "start_page": 'function.start_page({"Records": [{"messageId": "1", "body": "{}"}]}, None)',
    "invoke": 'function.invoke({"execution": RUN, "task_token": "t"}, None)',
    "record_failure": 'function.record_failure({"execution": RUN, "failure": {"Error": "WebhookRefused"}}, None)',
    "reconcile": 'function.reconcile({"detail-type": "Scheduled Event"}, None)',
    "reading": 'app(gateway_event("GET", "/executions"), None)',
}


def _loaded_by(call: str) -> list[str]:
    script = CALL.replace("CALL", call).replace("HEAVY", repr(HEAVY))
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded: list[str] = json.loads(done.stdout)
    return loaded


@pytest.mark.parametrize("function", CALLS)
def test_a_function_that_validates_no_body_loads_nothing_heavy(function: str) -> None:
    assert _loaded_by(CALLS[function]) == []


def test_a_callback_loads_pydantic_but_not_jsonschema() -> None:
    names = {"guid": "00000000-0000-5000-8000-000000000000", "token": f"i.1.1.{'x' * 43}"}
    call = f'app(gateway_event("POST", "/callback/{{guid}}/{{token}}", {names!r}), None)'
    assert _loaded_by(call) == ["pydantic"]


def test_only_the_descriptions_own_route_loads_it() -> None:
    call = 'app(gateway_event("GET", "/health"), None); assert "jobhook.api.openapi.document" not in sys.modules'
    assert _loaded_by(call) == []
    call = 'app(gateway_event("GET", "/openapi.json"), None); assert "jobhook.api.openapi.document" in sys.modules'
    assert "jsonschema" not in _loaded_by(call)


def test_the_backend_of_lambda_is_made_at_first_use_and_validates_nothing() -> None:
    script = """
import app, sys
assert not {"botocore", "chalicelib.backend"} & set(sys.modules)
try:
    app.dispatch({"resources": ["rule/a-b"], "time": "2026-11-21T08:00:00Z"}, None)
except RuntimeError as error:
    assert "JOBHOOK_JOBS_TABLE" in str(error), error
else:
    raise AssertionError("a backend without settings was used")
assert "chalicelib.dynamodb.store" in sys.modules
assert not {"pydantic", "jsonschema", "asyncio"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={}, check=True)
