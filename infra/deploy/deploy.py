"""`python -m infra.deploy.deploy --stage prod`: deploys what `infra.build` has packaged.

The changes are shown first. Tables that an earlier stack of the stage has left are taken over, with what they hold.
"""

import json
import sys
import time
from typing import TYPE_CHECKING, cast

import boto3
from botocore.exceptions import WaiterError

from infra.build import ROOT, TEMPLATE
from infra.deploy import change_sets, runs, tables
from infra.deploy.change_sets import Package
from infra.deploy.stacks import found_stack, obstacle, reasons
from infra.deploy.upload import Bucket, BucketRefused, upload
from infra.template import rules
from infra.template.intrinsics import Json
from infra.template.settings import Settings, agreed, from_command_line

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended."""


def deploy(settings: Settings) -> int:
    """Deploy; the exit code."""
    machines = boto3.client("stepfunctions")
    if runs.machine_is_being_deleted(machines, settings.names, _account()):
        print(runs.STILL_BEING_DELETED.format(machine=settings.names.state_machine, stage=settings.names.stage))
        return 1
    package, template = _uploaded(settings)
    code = change_stack(boto3.client("cloudformation"), settings, package, int(time.time()))
    if code == 0:
        for line in tables.bring_to(boto3.client("dynamodb"), template):
            print(line)
    if code == 0 and (woken := rules.wake(boto3.client("events"), settings.names)):
        print(f"{woken} rules of schedules, asleep since the stage was taken down, are awake.")
    return code


def change_stack(stacks: "CloudFormationClient", settings: Settings, package: Package, now: int) -> int:
    """Bring the stack to the template, if the person agrees; the exit code. `now` names the change set."""
    stack = settings.names.stack
    found = found_stack(stacks, stack)
    if found and (hindrance := obstacle(found["StackStatus"], settings.names)):
        print(hindrance)
        return 1
    change_set = f"{stack}-{now}"
    if dropped := [name for name in change_sets.parameters_of(found) if name not in package.parameters]:
        print(f"Parameters that this version does not have, and whose values go: {', '.join(dropped)}.")
    change_sets.propose(stacks, settings, package, change_set, found)
    try:
        if not change_sets.is_ready(stacks, stack, change_set):
            print("Nothing has changed.")
            return 0
    except change_sets.TemplateRefused as refused:
        print(f"CloudFormation does not take the template or its parameters, and nothing was changed: {refused}")
        return 1
    print("\n".join(change_sets.lines(stacks, stack, change_set)))
    if not agreed(f"Deploy these changes to {stack}?", settings):
        stacks.delete_change_set(StackName=stack, ChangeSetName=change_set)
        print("Nothing was changed.")
        return 1
    stacks.execute_change_set(StackName=stack, ChangeSetName=change_set, ClientRequestToken=change_set)
    return _outcome(stacks, settings, change_set, exists=found is not None)


def _outcome(stacks: "CloudFormationClient", settings: Settings, token: str, *, exists: bool) -> int:
    stack = settings.names.stack
    try:
        _wait(stacks, stack, exists=exists)
    except KeyboardInterrupt:
        print(
            f"CloudFormation goes on with {stack} without you. To see what becomes of it, give the same command again; "
            f"to stop an update, 'aws cloudformation cancel-update-stack --stack-name {stack}'."
        )
        return INTERRUPTED
    except WaiterError:
        _say_why(stacks, settings, token)
        return 1
    (found,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    for output in found.get("Outputs", []):
        print(f"{output.get('OutputKey', ''):<22}{output.get('OutputValue', '')}")
    return 0


def _say_why(stacks: "CloudFormationClient", settings: Settings, token: str) -> None:
    """What failed, and what to do next."""
    stack = settings.names.stack
    (found,) = stacks.describe_stacks(StackName=stack)["Stacks"]
    print(f"The deployment of {stack} failed; the stack is in state {found['StackStatus']}.")
    for reason in reasons(stacks, stack, token):
        print(f"  {reason}")
    hindrance = obstacle(found["StackStatus"], settings.names)
    print(hindrance or "It runs as it did before. Mend what the lines above name, and deploy again.")


def _wait(stacks: "CloudFormationClient", stack: str, *, exists: bool) -> None:
    if exists:
        stacks.get_waiter("stack_update_complete").wait(StackName=stack)
    else:
        stacks.get_waiter("stack_create_complete").wait(StackName=stack)


def _account() -> str:
    if boto3.session.Session().region_name is None:
        sys.exit("Name a region: AWS_DEFAULT_REGION, or the profile's.")
    return boto3.client("sts").get_caller_identity()["Account"]


def _uploaded(settings: Settings) -> tuple[Package, Json]:
    """The package in its bucket, and its template."""
    session = boto3.session.Session()
    account, region = _account(), str(session.region_name)
    bucket = Bucket(session.client("s3"), settings.bucket or f"jobhook-deploy-{account}-{region}", account)
    try:
        bucket.ensure(region, is_ours=settings.bucket is None)
    except BucketRefused as refused:
        sys.exit(str(refused))
    directory = ROOT / "out" / settings.names.stage
    template: Json = json.loads((directory / TEMPLATE).read_text())
    url = upload(bucket, directory, settings.names.stack)
    return Package(url, frozenset(cast(Json, template["Parameters"]))), template


def main() -> None:
    """The command."""
    sys.exit(deploy(from_command_line("python -m infra.deploy.deploy")))


if __name__ == "__main__":
    main()
