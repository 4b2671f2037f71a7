"""`python -m infra.deploy --stage prod`: deploys what `infra.build` has packaged.

The changes are shown first. Tables that an earlier stack of the stage has left are taken over, with what they hold.
"""

import sys
import time
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError, WaiterError

from infra import rules
from infra.build import ROOT
from infra.settings import Settings, agreed, from_command_line
from infra.upload import ensure_bucket, upload

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef, ParameterTypeDef

_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


def deploy(settings: Settings) -> int:
    """Deploy; the exit code."""
    stacks = boto3.client("cloudformation")
    template_url = _uploaded(settings)
    exists = _exists(stacks, settings.names.stack)
    change_set = f"{settings.names.stack}-{int(time.time())}"
    _propose(stacks, settings, template_url, change_set, exists=exists)
    if not _ready(stacks, settings.names.stack, change_set):
        print("Nothing has changed.")
        return 0
    for change in _changes(stacks, settings.names.stack, change_set):
        print(_line(change))
    if not agreed(f"Deploy these changes to {settings.names.stack}?", settings):
        stacks.delete_change_set(StackName=settings.names.stack, ChangeSetName=change_set)
        return 1
    stacks.execute_change_set(StackName=settings.names.stack, ChangeSetName=change_set)
    try:
        _wait(stacks, settings.names.stack, exists=exists)
    except WaiterError:
        print(f"The deployment failed and was rolled back; the events of {settings.names.stack} say why.")
        return 1
    if woken := rules.wake(boto3.client("events"), settings.names):
        print(f"{woken} rules of schedules, asleep since the stage was taken down, are awake.")
    _print_outputs(stacks, settings.names.stack)
    return 0


def _uploaded(settings: Settings) -> str:
    session = boto3.session.Session()
    region = session.region_name
    if region is None:
        sys.exit("Name a region: AWS_DEFAULT_REGION, or the profile's.")
    account = session.client("sts").get_caller_identity()["Account"]
    bucket = settings.bucket or f"jobhook-deploy-{account}-{region}"
    client = session.client("s3")
    ensure_bucket(client, bucket, region)
    return upload(client, bucket, ROOT / "out" / settings.names.stage, settings.names.stack)


def _exists(stacks: "CloudFormationClient", stack: str) -> bool:
    """A stack whose first change set was never carried out is none yet."""
    try:
        (found,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return found["StackStatus"] != "REVIEW_IN_PROGRESS"


def _propose(
    stacks: "CloudFormationClient", settings: Settings, template_url: str, change_set: str, *, exists: bool
) -> None:
    kept: list[str] = []
    if exists:
        (found,) = stacks.describe_stacks(StackName=settings.names.stack)["Stacks"]
        kept = [one["ParameterKey"] for one in found.get("Parameters", []) if "ParameterKey" in one]
    parameters: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in settings.parameters.items()
    ]
    parameters += [{"ParameterKey": name, "UsePreviousValue": True} for name in kept if name not in settings.parameters]
    stacks.create_change_set(
        StackName=settings.names.stack,
        ChangeSetName=change_set,
        ChangeSetType="UPDATE" if exists else "CREATE",
        TemplateURL=template_url,
        Parameters=parameters,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        ImportExistingResources=True,
    )


def _ready(stacks: "CloudFormationClient", stack: str, change_set: str) -> bool:
    """Whether there is anything to do."""
    try:
        stacks.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change_set, WaiterConfig={"Delay": 5}
        )
    except WaiterError:
        said = stacks.describe_change_set(StackName=stack, ChangeSetName=change_set).get("StatusReason", "")
        if any(words in said for words in _NOTHING_TO_DO):
            stacks.delete_change_set(StackName=stack, ChangeSetName=change_set)
            return False
        sys.exit(f"CloudFormation does not take the template: {said}")
    return True


def _changes(stacks: "CloudFormationClient", stack: str, change_set: str) -> "list[ChangeTypeDef]":
    pages = stacks.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=change_set)
    return [change for page in pages for change in page.get("Changes", [])]


def _line(change: "ChangeTypeDef") -> str:
    what = change.get("ResourceChange", {})
    replaced = what.get("Replacement")
    tail = f"  replacement: {replaced}" if replaced in ("True", "Conditional") else ""
    return f"{what.get('Action', ''):<8}{what.get('LogicalResourceId', ''):<28}{what.get('ResourceType', '')}{tail}"


def _wait(stacks: "CloudFormationClient", stack: str, *, exists: bool) -> None:
    if exists:
        stacks.get_waiter("stack_update_complete").wait(StackName=stack)
    else:
        stacks.get_waiter("stack_create_complete").wait(StackName=stack)


def _print_outputs(stacks: "CloudFormationClient", stack: str) -> None:
    (found,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    for output in found.get("Outputs", []):
        print(f"{output.get('OutputKey', ''):<22}{output.get('OutputValue', '')}")


def main() -> None:
    """The command."""
    sys.exit(deploy(from_command_line("python -m infra.deploy")))


if __name__ == "__main__":
    main()
