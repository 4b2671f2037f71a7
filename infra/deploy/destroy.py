"""`python -m infra.deploy.destroy --stage prod`: takes the stack down; its tables and the rules of its schedules stay.

The rules sleep until the stage is deployed again. With `--delete-tables` both are deleted.
"""

import sys
from typing import TYPE_CHECKING

import boto3

from infra.template import rules
from infra.template.names import Names
from infra.template.settings import Settings, agreed, from_command_line
from infra.template.tables import TABLES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def destroy(settings: Settings) -> int:
    """Take down; the exit code."""
    names = settings.names
    data = "and DELETE ITS TABLES with all jobs and history" if settings.delete_tables else "and keep its tables"
    if not agreed(f"Take down {names.stack} {data}?", settings):
        return 1
    # Before the functions go: the dead-letter queue of a rule that fires into nothing goes with them.
    rules.put_to_sleep(boto3.client("events"), names)
    stacks = boto3.client("cloudformation")
    stacks.delete_stack(StackName=names.stack)
    stacks.get_waiter("stack_delete_complete").wait(StackName=names.stack)
    # Again, now that the reconciler is gone too: it wakes rules that it finds asleep.
    asleep = rules.put_to_sleep(boto3.client("events"), names)
    print(f"{names.stack} is gone; {asleep} rules of its schedules sleep.")
    if settings.delete_tables:
        removed = rules.remove(boto3.client("events"), names)
        delete_tables(boto3.client("dynamodb"), names)
        print(f"Its tables and {removed} rules are gone too.")
    return 0


def delete_tables(client: "DynamoDBClient", names: Names) -> None:
    """Delete the tables, protection first."""
    for role in TABLES:
        client.update_table(TableName=names.of(role), DeletionProtectionEnabled=False)
        client.delete_table(TableName=names.of(role))


def main() -> None:
    """The command."""
    sys.exit(destroy(from_command_line("python -m infra.deploy.destroy")))


if __name__ == "__main__":
    main()
