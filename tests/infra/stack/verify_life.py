"""The stack is created, updated and deleted."""

import copy
import json

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.models import stepfunctions_backends

from infra.intrinsics import Json
from tests.infra.stack.adapted import adapted
from tests.infra.stack.calls import ACCOUNT, REGION
from tests.infra.stack.deployment import Deployment


def test_an_update_changes_what_it_should_and_a_delete_leaves_nothing_that_runs(
    account: Deployment, expanded: Json
) -> None:
    account.create()
    stack = account.names.stack
    before = account.stacks.describe_stack_resources(StackName=stack)["StackResources"]
    assert len(before) == len(adapted(expanded)["Resources"])  # type: ignore[arg-type]  # a document

    changed = copy.deepcopy(adapted(expanded))
    changed["Resources"]["Dispatch"]["Properties"]["MemorySize"] = 768  # type: ignore[index]
    changed["Resources"]["StartQueue"]["Properties"]["VisibilityTimeout"] = 800  # type: ignore[index]
    account.stacks.update_stack(StackName=stack, TemplateBody=json.dumps(changed), Capabilities=["CAPABILITY_IAM"])
    function = account.lambdas.get_function_configuration(FunctionName=account.physical_id("Dispatch"))
    assert function["MemorySize"] == 768
    (status,) = [one["StackStatus"] for one in account.stacks.describe_stacks(StackName=stack)["Stacks"]]
    assert status == "UPDATE_COMPLETE"

    account.stacks.delete_stack(StackName=stack)
    assert stepfunctions_backends[ACCOUNT][REGION].state_machines == []
    assert account.lambdas.list_functions()["Functions"] == []
    assert account.events.list_rules()["Rules"] == []
    with pytest.raises(ClientError, match="does not exist"):
        account.stacks.describe_stacks(StackName=stack)
