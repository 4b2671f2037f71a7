"""The stack is created, updated and deleted."""

import json
from typing import cast

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.models import stepfunctions_backends

from infra.template.functions import FUNCTIONS
from infra.template.intrinsics import Json
from tests.infra.stack.adapted import adapted
from tests.infra.stack.calls import ACCOUNT, REGION
from tests.infra.stack.deployment import PARAMETERS, Deployment


def test_an_update_changes_what_it_should_and_a_delete_leaves_nothing_that_runs(
    account: Deployment, expanded: Json
) -> None:
    account.create()
    stack = account.names.stack
    before = account.stacks.describe_stack_resources(StackName=stack)["StackResources"]
    resources = cast(dict[str, Json], adapted(expanded)["Resources"])
    assert {one["LogicalResourceId"] for one in before} == set(resources)

    changed = adapted(expanded)
    cast(dict[str, Json], changed["Resources"])["Dispatch"]["Properties"] = cast(
        Json, resources["Dispatch"]["Properties"]
    ) | {"MemorySize": 768}
    account.stacks.update_stack(
        StackName=stack, TemplateBody=json.dumps(changed), Parameters=PARAMETERS, Capabilities=["CAPABILITY_IAM"]
    )
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


def test_parameters_reach_the_functions_and_the_queue(account: Deployment) -> None:
    account.create(
        RetentionDays="7",
        CallbackAddress="https://jobs.example.com",
        StartConcurrency="10",
        InvokeConcurrency="500",
        RuleQuota="2000",
    )

    def variables(logical_id: str) -> dict[str, str]:
        name = account.physical_id(logical_id)
        return account.lambdas.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def reserved(logical_id: str) -> int | None:
        found = account.lambdas.get_function_concurrency(FunctionName=account.physical_id(logical_id))
        return found.get("ReservedConcurrentExecutions") or None  # moto says 0 where nothing is reserved

    assert {str(variables(function.logical_id)["JOBHOOK_RETENTION_DAYS"]) for function in FUNCTIONS} == {"7"}
    assert variables("Invoke")["JOBHOOK_BASE_URL"] == "https://jobs.example.com"
    assert account.functions[account.physical_id("APIHandler")].backend.settings.rule_quota == 2_000
    assert (reserved("Invoke"), reserved("Dispatch")) == (500, None)
    (mapping,) = account.lambdas.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 10}


def test_in_a_vpc_are_the_functions_that_send_and_these_may_make_network_interfaces(account: Deployment) -> None:
    account.create(FunctionSubnets="subnet-0a1b,subnet-2c3d", FunctionSecurityGroups="sg-0a1b")
    for function in FUNCTIONS:
        deployed = account.lambdas.get_function_configuration(FunctionName=account.physical_id(function.logical_id))
        placed = deployed.get("VpcConfig", {})
        assert placed.get("SubnetIds", []) == (["subnet-0a1b", "subnet-2c3d"] if function.sends else [])
        assert placed.get("SecurityGroupIds", []) == (["sg-0a1b"] if function.sends else [])
        allowed = [action for one in account.policy(function.logical_id) for action in cast("list[str]", one["Action"])]
        assert ("ec2:CreateNetworkInterface" in allowed) is function.sends


def test_a_private_api_is_deployed_with_its_endpoint_and_called_back_there(account: Deployment) -> None:
    account.create(VpcEndpoint="vpce-0123456789abcdef0")
    api_id = account.physical_id("RestAPI")
    invoke = account.lambdas.get_function_configuration(FunctionName=account.physical_id("Invoke"))
    (stack,) = account.stacks.describe_stacks(StackName=account.names.stack)["Stacks"]
    addresses = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    expected = f"https://{api_id}-vpce-0123456789abcdef0.execute-api.{REGION}.amazonaws.com/prod"
    assert invoke["Environment"]["Variables"]["JOBHOOK_BASE_URL"] == expected
    assert addresses["ApiAddress"] == expected
