"""All ports on AWS. Each is made at first use, so that a function imports and connects only what its use case touches.

Settings come from the environment, and each is read only with the port that needs it: a function has no others.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from jobhook.core.targets.http import HttpTarget
from jobhook.core.targets.networks import LOOPBACK, TargetNetworks, parse_networks
from jobhook.core.work_limit import WorkLimit
from jobhook.ports import Clock, Effects, Ids, Sender, Settings, StartQueue, Workflows

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

    from chalicelib.rule_repair import ListedRules
    from chalicelib.telemetry import Signals
    from jobhook.adapters.stepwise_effects import CommitStore


INDEX_LAG_MS = 5_000
"""Dispatch reads an index that DynamoDB keeps up with a job "within a fraction of a second, under normal conditions":
a job that is put is in force only after a multiple of that, so that no occurrence of it is due before it can be found.
"""


class AwsBackend:
    """`Backend` on AWS; `environ` has the variables that `docs/storage.md` and the template name."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    @cached_property
    def store(self) -> "CommitStore":
        """DynamoDB."""
        from chalicelib.dynamodb.store import DynamoStore
        from chalicelib.dynamodb.tables import Tables

        tables = Tables(
            jobs=self._variable("JOBHOOK_JOBS_TABLE"),
            executions=self._variable("JOBHOOK_EXECUTIONS_TABLE"),
            schedules=self._variable("JOBHOOK_SCHEDULES_TABLE"),
        )
        client = cast("DynamoDBClient", self._client("dynamodb"))
        days = int(self._environ.get("JOBHOOK_RETENTION_DAYS", "90"))
        if self._signals is None:
            return DynamoStore(client, tables, days)
        from chalicelib.watched_store import WatchedStore

        return WatchedStore(client, tables, days, self._signals)

    @cached_property
    def rules(self) -> "ListedRules":
        """EventBridge."""
        client = cast("EventBridgeClient", self._client("events"))
        prefix, target = self._variable("JOBHOOK_RULE_PREFIX"), self._variable("JOBHOOK_DISPATCH_ARN")
        dead_letters = self._environ.get("JOBHOOK_RULE_DEAD_LETTER_ARN")
        if self._signals is None:
            from chalicelib.eventbridge import EventBridgeRules

            return EventBridgeRules(client, prefix, target, dead_letters)
        from chalicelib.watched_rules import WatchedRules

        return WatchedRules(client, prefix, target, dead_letters, self._signals)

    @cached_property
    def workflows(self) -> Workflows:
        """Step Functions."""
        from chalicelib.stepfunctions import StepFunctions

        client = cast("SFNClient", self._client("stepfunctions"))
        return StepFunctions(client, self._variable("JOBHOOK_STATE_MACHINE_ARN"))

    @cached_property
    def effects(self) -> Effects:
        """DynamoDB and Step Functions share no transaction, so one step follows the other."""
        from jobhook.adapters.stepwise_effects import StepwiseEffects

        return StepwiseEffects(self.store, lambda: self.workflows)

    @cached_property
    def senders(self) -> Mapping[str, Sender]:
        """One for each kind of target."""
        from chalicelib.http_sender import DirectHttpSender

        return {HttpTarget.kind: DirectHttpSender(self.settings.target_networks)}

    @cached_property
    def start_queue(self) -> StartQueue:
        """SQS."""
        from chalicelib.sqs import SqsStartQueue

        return SqsStartQueue(cast("SQSClient", self._client("sqs")), self._variable("JOBHOOK_START_QUEUE_URL"))

    @cached_property
    def clock(self) -> Clock:
        """The system's."""
        from jobhook.adapters.clock import SystemClock

        return SystemClock()

    @cached_property
    def ids(self) -> Ids:
        """Random."""
        from jobhook.adapters.ids import RandomIds

        return RandomIds()

    @cached_property
    def work_limit(self) -> WorkLimit:
        """The process's own clock of work."""
        from jobhook.adapters.work_limit import within

        return within

    @cached_property
    def settings(self) -> Settings:
        """The API's address is in the environment only of the function that sends webhooks."""
        return Settings(
            target_networks=self._target_networks(),
            base_url=self._environ.get("JOBHOOK_BASE_URL", "").rstrip("/"),
            lead_ms=INDEX_LAG_MS,
            rule_quota=int(self._environ.get("JOBHOOK_RULE_QUOTA", "300")),  # of EventBridge, unless AWS has raised it
        )

    def _target_networks(self) -> TargetNetworks:
        """On Lambda never loopback, whatever is opened: the runtime's own API listens there, with the task's events."""
        try:
            opened = parse_networks(self._environ.get("JOBHOOK_TARGET_NETWORKS", ""))
        except ValueError as error:
            raise RuntimeError(f"the environment variable JOBHOOK_TARGET_NETWORKS: {error}") from None
        return TargetNetworks(opened, closed=LOOPBACK if "AWS_LAMBDA_RUNTIME_API" in self._environ else ())

    @cached_property
    def _signals(self) -> "Signals | None":
        """None where nobody watches."""
        stage, namespace = self._environ.get("JOBHOOK_STAGE"), self._environ.get("JOBHOOK_METRICS_NAMESPACE")
        if not stage or not namespace:
            return None
        from chalicelib.telemetry import Signals

        return Signals(namespace, stage, self.clock)

    @cached_property
    def _session(self) -> "Session":
        from botocore.session import get_session

        return get_session()

    def _client(self, service: str) -> object:
        from chalicelib.clients import CONFIG

        client = self._session.create_client(service, config=CONFIG)
        if service == "events":
            from chalicelib.eventbridge import answer_a_full_quota_at_once

            answer_a_full_quota_at_once(cast("EventBridgeClient", client))
        return client

    def _variable(self, name: str) -> str:
        value = self._environ.get(name)
        if not value:
            raise RuntimeError(f"the environment variable {name} is not set")
        return value
