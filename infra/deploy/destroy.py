"""`python -m infra.deploy.destroy --stage prod`: takes the stack down; its tables and the rules of its schedules stay.

The rules sleep until the stage is deployed again. With `--delete-tables` both are deleted. Runs that wait are stopped.
"""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from infra.deploy import runs
from infra.template import rules
from infra.template.names import Names
from infra.template.settings import Settings, agreed, from_command_line
from infra.template.tables import TABLES

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_stepfunctions import SFNClient

_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Account:
    """What is asked of AWS."""

    stacks: "CloudFormationClient"
    machines: "SFNClient"
    events: "EventBridgeClient"
    dynamodb: "DynamoDBClient"
    id: str


def destroy(settings: Settings, account: Account) -> int:
    """Take down; the exit code."""
    names = settings.names
    data = "and DELETE ITS TABLES with all jobs and history" if settings.delete_tables else "and keep its tables"
    if not agreed(f"Take down {names.stack} {data}?", settings):
        return 1
    # Before the functions go: the dead-letter queue of a rule that fires into nothing goes with them.
    rules.put_to_sleep(account.events, names)
    if not _runs_are_stopped(settings, account):
        print(f"{names.stack} stays. {rules.wake(account.events, names)} rules of its schedules are awake again.")
        return 1
    account.stacks.delete_stack(StackName=names.stack)
    runs.stop_all(account.machines, _machine_arn(settings, account))  # what a function has started meanwhile
    account.stacks.get_waiter("stack_delete_complete").wait(StackName=names.stack)
    # Again, now that the reconciler is gone too: it wakes rules that it finds asleep.
    asleep = rules.put_to_sleep(account.events, names)
    print(f"{names.stack} is gone; {asleep} rules of its schedules sleep.")
    if settings.delete_tables:
        removed = rules.remove(account.events, names)
        delete_tables(account.dynamodb, names)
        print(f"Its tables and {removed} rules are gone too.")
    return 0


def _runs_are_stopped(settings: Settings, account: Account) -> bool:
    """Stop what waits, if the person agrees: the stack would not be gone before the last run has ended."""
    arn = _machine_arn(settings, account)
    waiting = runs.running(account.machines, arn)
    if not waiting:
        return True
    print(f"{len(waiting)} executions wait for a callback, and end as cancelled:")
    print("\n".join(f"  {run.rpartition(':')[2]}" for run in waiting[:_MOST_LISTED]))
    if len(waiting) > _MOST_LISTED:
        print(f"  and {len(waiting) - _MOST_LISTED} more")
    if not agreed("Stop them? Their services are not told, and later callbacks are refused.", settings):
        return False
    print(f"{runs.stop_all(account.machines, arn)} executions are stopped.")
    return True


def _machine_arn(settings: Settings, account: Account) -> str:
    return runs.machine_arn(settings.names, account.machines.meta.region_name, account.id)


def delete_tables(client: "DynamoDBClient", names: Names) -> None:
    """Delete the tables, protection first."""
    for role in TABLES:
        client.update_table(TableName=names.of(role), DeletionProtectionEnabled=False)
        client.delete_table(TableName=names.of(role))


def main() -> None:
    """The command."""
    settings = from_command_line("python -m infra.deploy.destroy")
    account = Account(
        boto3.client("cloudformation"),
        boto3.client("stepfunctions"),
        boto3.client("events"),
        boto3.client("dynamodb"),
        boto3.client("sts").get_caller_identity()["Account"],
    )
    sys.exit(destroy(settings, account))


if __name__ == "__main__":
    main()
