"""EventBridge's rules with a metric of how much of their quota is used. Only the reconciler lists them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.eventbridge import EventBridgeRules
from chalicelib.rule_repair import ListedRule

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

    from chalicelib.telemetry import Signals


class WatchedRules(EventBridgeRules):
    """Measures each complete listing."""

    def __init__(
        self,
        client: "EventBridgeClient",
        prefix: str,
        dispatch_arn: str,
        dead_letter_arn: str | None,
        signals: "Signals",
    ) -> None:
        super().__init__(client, prefix, dispatch_arn, dead_letter_arn)
        self._signals = signals

    async def list_rules(self) -> Sequence[ListedRule]:
        rules = await super().list_rules()
        self._signals.schedules(len(rules))
        return rules
