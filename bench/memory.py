"""Memory and time of each Lambda handler at its largest real work, in a fresh process (`make bench-memory`).

AWS is moto behind a socket, so what a handler imports, sends and gets is what it would be; Step Functions is answered
by a few lines here, which remember what was started. CPU seconds are this machine's; `infra/template/memory.py` says
what follows.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, cast

import botocore.session
import requests
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_sqs import SQSClient

from chalicelib.dynamodb.tables import Tables, definitions
from infra.template.memory import MEMORY_MB, cold_seconds, least_memory_mb
from infra.verify.import_times import SETTINGS
from jobhook.core.limits import PAYLOAD
from jobhook.core.times import MINUTE_MS, floor_to_minute, to_rfc3339

JOBS = 650
"""On one schedule: a first page of 100, a batch of five pages for the starter, and some that it hands on."""
BATCH = 5
CALLS = 100
"""Attempts that one process sends, one after another."""
Event = dict[str, object]


class Edge(BaseHTTPRequestHandler):
    """Answers for AWS, whose operations are named in a header, and for services, which are called without one."""

    started: ClassVar[list[Event]] = []
    _one_at_a_time = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = str(self.headers.get("X-Amz-Target", ""))
        if target.startswith(("DynamoDB", "AWSEvents", "AmazonSQS")):
            with self._one_at_a_time:
                status, answer = _moto(target, dict(self.headers), body)
        else:
            status, answer = 200, self._machine(target.rpartition(".")[2], body)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _machine(self, operation: str, body: bytes) -> bytes:
        """Takes all that Step Functions takes, and remembers what was started."""
        if operation == "StartExecution":
            self.started.append(json.loads(json.loads(body)["input"]))
        answers: dict[str, Event] = {
            "StartExecution": {"executionArn": "arn:run", "startDate": 0},
            "ListExecutions": {"executions": []},
        }
        return json.dumps(answers.get(operation, {})).encode()

    def log_message(self, *_: object) -> None:
        """Nothing."""


_HOSTS = {"DynamoDB": "dynamodb", "AWSEvents": "events", "AmazonSQS": "sqs"}


def _moto(target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """moto hears what this process sends to AWS's own addresses."""
    (service,) = [host for prefix, host in _HOSTS.items() if target.startswith(prefix)]
    sent = {name: value for name, value in headers.items() if name.lower() not in ("host", "accept-encoding")}
    answer = requests.post(f"https://{service}.eu-west-1.amazonaws.com/", data=body, headers=sent, timeout=30)
    return answer.status_code, answer.content


@dataclass(frozen=True, slots=True)
class Aws:
    """Where AWS is, and the queue of the starter."""

    environment: dict[str, str]
    sqs: SQSClient
    queue_url: str
    service_url: str


def main() -> None:
    """Print the table that docs/aws.md shows."""
    print(f"{'function':<16}{'peak MB':>9}{'cold CPU s':>12}{'warm CPU s':>12}{'setting MB':>12}{'cold s there':>14}")
    with _aws() as aws:
        for name, events in _work(aws):
            measured, size = _measured(aws, name, events), MEMORY_MB[name]
            least = least_memory_mb(name, measured["peak_mb"], measured["cold_s"])
            figures = f"{measured['peak_mb']:>9.0f}{measured['cold_s']:>12.2f}{measured['warm_s']:>12.2f}{size:>12}"
            flaw = "" if size == least else f"  the rule asks for {least} in this run"
            print(f"{name:<16}{figures}{cold_seconds(measured['cold_s'], size):>14.1f}{flaw}", flush=True)


def _work(aws: Aws) -> Iterator[tuple[str, list[Event]]]:
    """Each function with its events, the last of them when it is warm; each makes what the next ones need."""
    yield "api_handler", [_put(aws, number) for number in range(JOBS)]
    due_ms = floor_to_minute(round(time.time() * 1_000)) + 10 * MINUTE_MS
    yield "dispatch", [_fired(due_ms + number * MINUTE_MS) for number in range(2)]
    yield "start_page", [_batch(aws), _batch(aws)]
    runs = Edge.started[:CALLS]
    yield "invoke", [{"execution": run, "task_token": "token"} for run in runs]
    yield (
        "record_failure",
        [{"execution": run, "failure": {"Error": "States.Timeout", "Cause": "none"}} for run in runs[: CALLS // 2]],
    )
    yield "reconcile", [{"detail-type": "Scheduled Event"}] * 2


def _put(aws: Aws, number: int) -> Event:
    body = {"invocation_target": aws.service_url, "schedule": "cron(* * * * ? *)", "ttl_seconds": 60}
    largest = body | {"payload": "x" * PAYLOAD} if number % 10 == 0 else body
    return {
        "resource": "/services/{service}/jobs/{job}",
        "path": f"/services/bench/jobs/job-{number}",
        "httpMethod": "PUT",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"service": "bench", "job": f"job-{number}"},
        "stageVariables": None,
        "requestContext": {"resourcePath": "/services/{service}/jobs/{job}", "httpMethod": "PUT", "stage": "prod"},
        "body": json.dumps(largest),
        "isBase64Encoded": False,
    }


def _fired(due_ms: int) -> Event:
    events = cast(EventBridgeClient, botocore.session.get_session().create_client("events"))
    (rule,) = events.list_rules(NamePrefix=SETTINGS["JOBHOOK_RULE_PREFIX"])["Rules"]
    return {"time": to_rfc3339(due_ms), "resources": [rule["Arn"]]}


def _batch(aws: Aws) -> Event:
    """As many pages as a batch holds; the same again where the queue has no more, since starting twice starts once."""
    found = aws.sqs.receive_message(QueueUrl=aws.queue_url, MaxNumberOfMessages=BATCH, VisibilityTimeout=0)["Messages"]
    bodies = [message["Body"] for message in found] * BATCH
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies[:BATCH])]}


def _measured(aws: Aws, name: str, events: list[Event]) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(events, file)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "bench.memory_handler", name, file.name],
            env=os.environ | aws.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr}")
    measured: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return measured


@contextmanager
def _aws() -> Iterator[Aws]:
    """AWS and the services, empty but for tables and a queue."""
    edge = ThreadingHTTPServer(("127.0.0.1", 0), Edge)
    threading.Thread(target=edge.serve_forever, daemon=True).start()
    with mock_aws():
        os.environ |= {name: value for name, value in SETTINGS.items() if name.startswith("AWS_")}
        session = botocore.session.get_session()
        dynamodb = cast(DynamoDBClient, session.create_client("dynamodb"))
        for definition in definitions(Tables(jobs="jobs", executions="executions", schedules="schedules")):
            dynamodb.create_table(**definition)
        sqs = cast(SQSClient, session.create_client("sqs"))
        queue_url = sqs.create_queue(QueueName="starts")["QueueUrl"]
        address = f"http://127.0.0.1:{edge.server_port}"
        environment = SETTINGS | {"AWS_ENDPOINT_URL": address, "JOBHOOK_START_QUEUE_URL": queue_url}
        yield Aws(environment, sqs, queue_url, f"{address}/hook")
    edge.shutdown()


if __name__ == "__main__":
    main()
