"""The `Rules` port on EventBridge: one rule a schedule, whose raw event goes to the dispatch function."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.clients import error_code, unavailable_where_it_fails
from chalicelib.rule_repair import ListedRule
from jobhook.core.errors import Unavailable
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.ports import RuleRefused

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import ListRulesRequestTypeDef, TargetTypeDef

MAX_NAME_LENGTH = 64
_MAX_DESCRIPTION_LENGTH = 512
_TARGET = "dispatch"
_MOST_PAGES = 50  # of up to 100 rules each; the quota is 300, in some regions 100, unless AWS raises it
_QUOTA_REACHED = "LimitExceededException"
_NOT_RETRIED = "RuleQuotaReached"


class EventBridgeRules:
    """`prefix` tells this installation's rules from all others; it ends with a hyphen, as a suffix has one inside.

    `dead_letter_arn` is the queue of events that EventBridge could not deliver in its 24 hours.
    """

    def __init__(
        self, client: "EventBridgeClient", prefix: str, dispatch_arn: str, dead_letter_arn: str | None = None
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._dispatch_arn = dispatch_arn
        self._dead_letter_arn = dead_letter_arn

    async def put(self, row: ScheduleRow) -> None:
        name = self._name(row.rule_suffix)
        with unavailable_where_it_fails():
            try:
                self._client.put_rule(
                    Name=name,
                    ScheduleExpression=row.expression,
                    State="ENABLED",
                    Description=f"Jobhook: {row.expression}"[:_MAX_DESCRIPTION_LENGTH],
                )
            except ClientError as error:
                _raise_if_refused(error)
                raise
            answer = self._client.put_targets(Rule=name, Targets=[self._target()])
        if answer["FailedEntryCount"]:
            raise Unavailable("EventBridge did not take the target of a rule")

    async def remove(self, rule_suffix: str) -> None:
        """EventBridge refuses to delete a rule that has targets, so the target goes first."""
        name = self._name(rule_suffix)
        with unavailable_where_it_fails():
            try:
                answer = self._client.remove_targets(Rule=name, Ids=[_TARGET])
                if answer["FailedEntryCount"]:
                    raise Unavailable("EventBridge did not remove the target of a rule")
                self._client.delete_rule(Name=name)
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise

    async def list_rules(self) -> Sequence[ListedRule]:
        rules: list[ListedRule] = []
        request: ListRulesRequestTypeDef = {"NamePrefix": self._prefix, "Limit": 100}
        for _ in range(_MOST_PAGES):
            with unavailable_where_it_fails():
                answer = self._client.list_rules(**request)
            rules.extend(
                ListedRule(rule["Name"].removeprefix(self._prefix), rule.get("State") == "ENABLED")
                for rule in answer["Rules"]
                if "Name" in rule
            )
            if "NextToken" not in answer:
                return rules
            request["NextToken"] = answer["NextToken"]
        raise Unavailable("EventBridge has more rules of ours than are listed at once")

    async def has_target(self, rule_suffix: str) -> bool:
        """Compares with the target that `put` writes. A rule that was deleted has none."""
        with unavailable_where_it_fails():
            try:
                answer = self._client.list_targets_by_rule(Rule=self._name(rule_suffix))
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return False
                raise
        wanted = self._target()
        return any(wanted.items() <= target.items() for target in answer["Targets"])

    def _name(self, suffix: str) -> str:
        name = self._prefix + suffix
        if len(name) > MAX_NAME_LENGTH:
            raise RuleRefused(f"the rules' prefix is too long: a rule's name has at most {MAX_NAME_LENGTH} characters")
        return name

    def _target(self) -> "TargetTypeDef":
        target: TargetTypeDef = {"Id": _TARGET, "Arn": self._dispatch_arn}
        if self._dead_letter_arn:
            target["DeadLetterConfig"] = {"Arn": self._dead_letter_arn}
        return target


def answer_a_full_quota_at_once(client: "EventBridgeClient") -> None:
    """Let a client not retry a PutRule that exceeds the quota of rules.

    botocore takes the error for a throttle, and retries for 6 to 10 seconds what only a person can change. It decides
    by the error's code, so the code is another one before botocore looks.
    """
    client.meta.events.register("response-received.eventbridge.PutRule", _rename_quota_error)


def _rename_quota_error(parsed_response: dict[str, Any] | None = None, **_: object) -> None:
    error = (parsed_response or {}).get("Error", {})
    if error.get("Code") == _QUOTA_REACHED:
        error["Code"] = _NOT_RETRIED


def _raise_if_refused(error: ClientError) -> None:
    code = error_code(error)
    if code in (_QUOTA_REACHED, _NOT_RETRIED):
        raise RuleRefused(
            "EventBridge has no room for another rule (300 for a region unless raised, 100 in some regions); "
            "use a schedule that other jobs have, or have the quota raised"
        ) from None
    if code == "ValidationException":
        message = error.response.get("Error", {}).get("Message", "no reason given")
        raise RuleRefused(f"EventBridge does not take this expression: {message}") from None
