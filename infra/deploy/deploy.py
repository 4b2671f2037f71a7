"""`python -m infra.deploy.deploy --stage prod`: deploys what `infra.build` has packaged.

The changes are shown first. Tables that an earlier stack of the stage has left are taken over, with what they hold.
"""

import sys
import time
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import WaiterError

from infra.build import ROOT
from infra.deploy import change_sets
from infra.deploy.stacks import found_stack, obstacle, reasons
from infra.deploy.upload import ensure_bucket, upload
from infra.template import rules
from infra.template.settings import Settings, agreed, from_command_line

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C has ended."""


def deploy(settings: Settings) -> int:
    """Deploy; the exit code."""
    template_url = _uploaded(settings)
    code = change_stack(boto3.client("cloudformation"), settings, template_url, int(time.time()))
    if code == 0 and (woken := rules.wake(boto3.client("events"), settings.names)):
        print(f"{woken} rules of schedules, asleep since the stage was taken down, are awake.")
    return code


def change_stack(stacks: "CloudFormationClient", settings: Settings, template_url: str, now: int) -> int:
    """Bring the stack to the template, if the person agrees; the exit code. `now` names the change set."""
    stack = settings.names.stack
    found = found_stack(stacks, stack)
    if found and (hindrance := obstacle(found["StackStatus"], settings.names)):
        print(hindrance)
        return 1
    change_set = f"{stack}-{now}"
    change_sets.propose(stacks, settings, template_url, change_set, found)
    try:
        if not change_sets.is_ready(stacks, stack, change_set):
            print("Nothing has changed.")
            return 0
    except change_sets.TemplateRefused as refused:
        print(f"CloudFormation does not take the template or its parameters, and nothing was changed: {refused}")
        return 1
    print("\n".join(change_sets.lines(stacks, stack, change_set)))
    if not _agreed(settings):
        stacks.delete_change_set(StackName=stack, ChangeSetName=change_set)
        print("Nothing was changed.")
        return 1
    stacks.execute_change_set(StackName=stack, ChangeSetName=change_set, ClientRequestToken=change_set)
    return _outcome(stacks, settings, change_set, exists=found is not None)


def _agreed(settings: Settings) -> bool:
    """Whoever breaks off at the question has not agreed."""
    try:
        return agreed(f"Deploy these changes to {settings.names.stack}?", settings)
    except (KeyboardInterrupt, EOFError):
        return False


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


def main() -> None:
    """The command."""
    sys.exit(deploy(from_command_line("python -m infra.deploy.deploy")))


if __name__ == "__main__":
    main()
