"""All of Jobhook on moto: its Step Functions runs the real state machine, whose tasks call the real handlers.

What moto does otherwise than AWS or its documents, and a test must know:
- A lapsed heartbeat is raised as `States.Timeout`: so does AWS, as recordings show, against its own documents.
- A retry has the task token of the attempt before it, where AWS makes a new one.
- A task token is looked for in all runs, those too that have hardly begun, where it fails: `wait_for_runs_to_begin`.
- A run outlives the test that left it, and its tasks go on: each stack's functions have names of their own.
- It is not thread-safe, which a lock mends (`moto_clients`); its DynamoDB knows no ClientRequestToken.
- A task that was told something before its function has returned did not hear it: mended in `moto_functions`.
"""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import botocore.session
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_sqs import SQSClient
from mypy_boto3_stepfunctions import SFNClient

from chalicelib import events
from chalicelib.backend import AwsBackend
from chalicelib.clients import CONFIG
from chalicelib.stepfunctions import StepFunctions
from chalicelib.sync_runner import run_to_end
from jobhook.api.bodies.callback import parse_callback
from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey, job_guid
from jobhook.core.times import to_rfc3339
from jobhook.ports import Clock, Settings, Workflows
from jobhook.use_cases.record_callback import record_callback
from tests.chalicelib.moto_clients import OneAtATime
from tests.chalicelib.moto_functions import moto_calling
from tests.chalicelib.moto_tables import REGION, TABLES, create_tables
from tests.chalicelib.moto_tokens import end_waiting, waiting_tokens
from tests.patience import PATIENCE_SECONDS

MACHINE = Path(__file__).parents[2] / "statemachines" / "execution.asl.json"
ACCOUNT = "123456789012"
PREFIX = "jobhook-test-"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"

Function = Callable[[Mapping[str, object]], object]
Webhook = dict[str, object]


class MotoBackend(AwsBackend):
    """The real backend, with clients of moto. A task's heartbeat has no grace, so that it lapses in a second."""

    @cached_property
    def settings(self) -> Settings:
        return replace(super().settings, heartbeat_grace_seconds=0, page_size=2)

    @cached_property
    def workflows(self) -> Workflows:
        client = cast(SFNClient, self._client("stepfunctions"))
        return StepFunctions(client, self._variable("JOBHOOK_STATE_MACHINE_ARN"), at_once=1)

    @cached_property
    def clock(self) -> Clock:
        return super().clock

    def _client(self, service: str) -> object:
        client = self._session.create_client(
            service, region_name=REGION, config=CONFIG, aws_access_key_id="moto", aws_secret_access_key="moto"
        )
        for call in ("SendTaskHeartbeat", "SendTaskSuccess", "SendTaskFailure"):
            client.meta.events.register(f"before-parameter-build.sfn.{call}", wait_for_runs_to_begin)
        return OneAtATime(client)


def wait_for_runs_to_begin(**_: object) -> None:
    """moto looks for a task token in all runs, and stumbles over one that was started a moment ago."""
    machines = [
        machine for region in stepfunctions_parser_backends[ACCOUNT].values() for machine in region.state_machines
    ]
    deadline = time.monotonic() + PATIENCE_SECONDS
    for machine in machines:
        for run in list(machine.executions):
            while getattr(getattr(run, "exec_worker", None), "env", None) is None:
                assert time.monotonic() < deadline, f"run {run.name} has not begun"
                time.sleep(0.001)


@dataclass
class Service:
    """The other side: a real HTTP server that keeps its webhooks and answers with `statuses`, the last one for ever."""

    statuses: list[int] = field(default_factory=lambda: [202])
    webhooks: list[Webhook] = field(default_factory=list)
    url: str = ""

    def answer(self, body: bytes) -> int:
        self.webhooks.append(json.loads(body))
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class MotoStack:
    """One installation on moto; `functions` are what the state machine's tasks call."""

    _stacks = itertools.count(1)

    def __init__(self, service: Service, base_url: str) -> None:
        self.service = service
        self.invoked = 0
        self._own = f"stack-{next(self._stacks)}-"
        self.functions: dict[str, Function] = {
            "invoke": lambda event: events.invoke(self.backend, event),
            "record-failure": lambda event: events.record_failure(self.backend, event),
        }
        session = botocore.session.get_session()

        def client(service: str) -> object:
            return OneAtATime(session.create_client(service, region_name=REGION))

        self.events = cast(EventBridgeClient, client("events"))
        self.sqs = cast(SQSClient, client("sqs"))
        self.machines = cast(SFNClient, client("stepfunctions"))
        self.queue_url = self.sqs.create_queue(QueueName="starts")["QueueUrl"]
        self.backend = MotoBackend(
            {
                "JOBHOOK_BASE_URL": base_url,
                "JOBHOOK_JOBS_TABLE": TABLES.jobs,
                "JOBHOOK_EXECUTIONS_TABLE": TABLES.executions,
                "JOBHOOK_SCHEDULES_TABLE": TABLES.schedules,
                "JOBHOOK_RULE_PREFIX": PREFIX,
                "JOBHOOK_DISPATCH_ARN": FUNCTION + "dispatch",
                "JOBHOOK_STATE_MACHINE_ARN": self._machine(),
                "JOBHOOK_START_QUEUE_URL": self.queue_url,
                "JOBHOOK_TARGET_NETWORKS": "127.0.0.1/32",
            }
        )

    def fire(self, time_ms: int) -> None:
        """Send the dispatch function what EventBridge sends it of every rule at that time, and serve its queue."""
        self.fire_rules(self.rules(), time_ms)

    def fire_rules(self, names: Iterable[str], time_ms: int) -> None:
        """The same of some rules."""
        for name in names:
            arn = self.events.describe_rule(Name=name)["Arn"]
            for target in self.events.list_targets_by_rule(Rule=name)["Targets"]:
                assert target["Arn"] == FUNCTION + "dispatch"
                events.dispatch(
                    self.backend,
                    {
                        "version": "0",
                        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
                        "detail-type": "Scheduled Event",
                        "source": "aws.events",
                        "account": ACCOUNT,
                        "time": to_rfc3339(time_ms),
                        "region": REGION,
                        "resources": [arn],
                        "detail": {},
                    },
                )
        self.serve_queue()

    def serve_queue(self) -> None:
        """Give the starter function batches of its queue until it is empty."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=5).get("Messages"):
            records = [{"messageId": message["MessageId"], "body": message["Body"]} for message in messages]
            assert events.start_pages(self.backend, {"Records": records}) == {"batchItemFailures": []}
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])

    def rules(self) -> list[str]:
        """The names of all rules."""
        return [rule["Name"] for rule in self.events.list_rules()["Rules"]]

    def call_back(self, webhook: Webhook, **document: object) -> Execution:
        """Answer a webhook as its service does, once its run waits for that."""
        self._settled(str(webhook["execution_id"]))
        return self.call_back_at_once(webhook, **document)

    def call_back_at_once(self, webhook: Webhook, **document: object) -> Execution:
        """The same, whether its function has returned or not."""
        guid, token = str(webhook["callback_url"]).split("/")[-2:]
        body = json.dumps(document).encode()
        parse = partial(parse_callback, "application/json", body)
        return run_to_end(record_callback(self.backend, guid, token, parse))

    def execution(self, service_name: str, job_name: str, time_ms: int) -> Execution | None:
        """The record of a job's execution, in the job's present incarnation."""
        job = run_to_end(self.backend.store.read_job(job_guid(service_name, job_name)))
        assert job is not None
        return run_to_end(self.backend.store.read_execution(ExecutionKey(job.guid, job.incarnation, time_ms)))

    def until(self, what: Callable[[], object]) -> None:
        """Wait for moto's threads."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    def waits(self, execution_id: str) -> bool:
        """Whether the run waits for a callback: its function has returned, and a heartbeat or an end is heard."""
        return bool(waiting_tokens(execution_id))

    def end_all(self) -> None:
        """End what still runs: its threads would go on in the tests that follow."""
        for name in self._running():
            self._end(name)

    def _end(self, execution_id: str) -> None:
        self._settled(execution_id)
        if not self.ended(execution_id):
            end_waiting(self.machines, execution_id)
            self.until(lambda: self.ended(execution_id))

    def settle(self) -> None:
        """Wait until every run waits for a callback or has ended."""
        for name in self._running():
            self._settled(name)

    def _settled(self, execution_id: str) -> None:
        self.until(lambda: self.waits(execution_id) or self.ended(execution_id))

    def _running(self) -> list[str]:
        arn = self.machines.list_state_machines()["stateMachines"][0]["stateMachineArn"]
        running = self.machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
        return [run["name"] for run in running]

    def ended(self, execution_id: str) -> bool:
        """Whether the state machine has ended the run."""
        return run_to_end(self.backend.workflows.describe_end(execution_id)) is not None

    def _machine(self) -> str:
        definition = MACHINE.read_text()
        definition = definition.replace("${InvokeFunctionArn}", FUNCTION + self._own + "invoke")
        definition = definition.replace("${RecordFailureFunctionArn}", FUNCTION + self._own + "record-failure")
        return self.machines.create_state_machine(name="execution", definition=definition, roleArn=ROLE)[
            "stateMachineArn"
        ]

    def call_function(self, name: str, event: object) -> object:
        """What a function returns; nothing where it is asked for by a run of an earlier test."""
        function = self.functions.get(name.rpartition(":")[2].removeprefix(self._own))
        if function is None:
            return None
        try:
            return function(cast("Mapping[str, object]", event))
        finally:
            self.invoked += 1


@contextmanager
def moto_stack(base_url: str = "https://jobs.example.com/api/") -> Iterator[MotoStack]:
    """An empty installation with a service that listens on this machine; retries of tasks wait for nothing."""
    service = Service()
    stack: MotoStack | None = None

    def call(name: str, event: object) -> object:
        assert stack is not None
        return stack.call_function(name, event)

    with _listening(service), moto_calling(call):
        stack = MotoStack(service, base_url)
        client = cast(DynamoDBClient, botocore.session.get_session().create_client("dynamodb", region_name=REGION))
        create_tables(client)
        try:
            yield stack
        finally:
            stack.end_all()


@contextmanager
def _listening(service: Service) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = service.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
