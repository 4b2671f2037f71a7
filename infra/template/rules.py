"""The rules of schedules, which Jobhook makes at run time and the stack does not know.

They belong to the tables. Functions have fixed names, so a rule that was put to sleep with its stack finds its target
again in the next one.
"""

from typing import TYPE_CHECKING

from infra.template.names import Names

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


def rules_of(client: "EventBridgeClient", names: Names) -> list[str]:
    """The names of a stage's rules."""
    pages = client.get_paginator("list_rules").paginate(NamePrefix=names.rule_prefix)
    return [rule["Name"] for page in pages for rule in page["Rules"] if "Name" in rule]


def put_to_sleep(client: "EventBridgeClient", names: Names) -> int:
    """Disable all; their number. What comes due meanwhile is missed, and the catch-up policy decides about it."""
    rules = rules_of(client, names)
    for rule in rules:
        client.disable_rule(Name=rule)
    return len(rules)


def wake(client: "EventBridgeClient", names: Names) -> int:
    """Enable all; their number. A rule that is awake stays as it is."""
    rules = rules_of(client, names)
    asleep = [rule for rule in rules if client.describe_rule(Name=rule).get("State") == "DISABLED"]
    for rule in asleep:
        client.enable_rule(Name=rule)
    return len(asleep)


def remove(client: "EventBridgeClient", names: Names) -> int:
    """Remove all with their targets; their number."""
    rules = rules_of(client, names)
    for rule in rules:
        targets = [target["Id"] for target in client.list_targets_by_rule(Rule=rule)["Targets"]]
        if targets:
            client.remove_targets(Rule=rule, Ids=targets)
        client.delete_rule(Name=rule)
    return len(rules)
