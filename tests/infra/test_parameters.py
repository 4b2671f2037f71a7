"""Every parameter of the stack acts exactly where it is to act."""

import re
from typing import cast

import pytest

from infra.template.functions import FUNCTIONS, log_group
from infra.template.intrinsics import Json
from infra.template.policies import VPC_ACCESS, function_policy
from tests.infra.evaluated import broken_rules, with_parameters
from tests.infra.reading import NAMES, items, resources, the_template

STORING = {function.logical_id for function in FUNCTIONS}
LOGS = {log_group(function) for function in FUNCTIONS} | {"AccessLogs", "StateMachineLogs"}
ROLES = {function.role for function in FUNCTIONS} | {"StateMachineRole", "ApiGatewayLogRole"}
ALARMS = set(resources("AWS::CloudWatch::Alarm"))

ACTS_ON: dict[str, tuple[object, set[str]]] = {
    "RetentionDays": (7, STORING),
    "LogRetentionDays": (365, LOGS),
    "AlarmTopicArn": ("arn:aws:sns:eu-west-1:123456789012:alarms", ALARMS),
    "CallbackAddress": ("https://jobs.example.com", {"APIHandler", "Invoke"}),
    "VpcEndpoint": ("vpce-0123456789abcdef0", {"RestAPI", "Invoke"}),
    "AllowedTargetNetworks": ("10.20.0.0/16", {"APIHandler", "Invoke", "Reconcile"}),
    "FunctionSubnets": ("subnet-0a1b,subnet-2c3d", {"APIHandler", "Invoke", "Reconcile"}),
    "FunctionSecurityGroups": ("sg-0a1b,sg-2c3d", {"APIHandler", "Invoke", "Reconcile"}),
    "PermissionsBoundary": ("arn:aws:iam::123456789012:policy/boundary", ROLES),
    "StartConcurrency": (10, {"StartPages"}),
    "ApiConcurrency": (50, {"APIHandler"}),
    "DispatchConcurrency": (50, {"Dispatch"}),
    "InvokeConcurrency": (500, {"Invoke"}),
    "FailureConcurrency": (50, {"RecordFailure"}),
    "ReconcileConcurrency": (50, {"Reconcile"}),
    "RuleQuota": (2_000, {"APIHandler", "RulesNearlyUsedAlarm"}),
    "StartQuota": (150, {"StartsNearlyUsedAlarm"}),
    "ConcurrencyQuota": (5_000, {"ConcurrencyNearlyUsedAlarm"}),
    "ApiRate": (11, {"RestAPI"}),
    "ApiBurst": (12, {"RestAPI"}),
    "CallbackRate": (13, {"RestAPI"}),
    "CallbackBurst": (14, {"RestAPI"}),
    "LogRoleOfApiGateway": ("exists", {"ApiGatewayLogRole", "ApiGatewayAccount", "AccessLogs"}),
}
"""Another value of each parameter, and the resources that it changes."""


def declared() -> dict[str, Json]:
    return cast(dict[str, Json], the_template()["Parameters"])


def test_every_parameter_is_known_here() -> None:
    assert set(ACTS_ON) == set(declared())


@pytest.mark.parametrize("name", ACTS_ON)
def test_a_parameter_changes_what_it_is_to_change_and_nothing_else(name: str) -> None:
    value, changed = ACTS_ON[name]
    before, after = with_parameters(the_template(), {}), with_parameters(the_template(), {name: value})
    assert {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)} == changed


@pytest.mark.parametrize("name", ACTS_ON)
def test_a_parameter_says_what_it_is_has_a_default_and_bounds_that_hold_it(name: str) -> None:
    parameter = declared()[name]
    assert str(parameter["Description"]).endswith(".")
    for value in (parameter["Default"], ACTS_ON[name][0]):
        assert allowed(parameter, value)
    assert not allowed(parameter, -1 if parameter["Type"] == "Number" else "nonsense")


def allowed(parameter: Json, value: object) -> bool:
    if "AllowedValues" in parameter:
        return value in cast("list[object]", parameter["AllowedValues"])
    if parameter["Type"] == "Number":
        return cast(int, parameter["MinValue"]) <= cast(int, value) <= cast(int, parameter["MaxValue"])
    return re.fullmatch(str(parameter["AllowedPattern"]), str(value)) is not None


def test_no_function_has_executions_of_its_own_unless_that_is_asked_for() -> None:
    field = "ReservedConcurrentExecutions"

    def reserved(**given: object) -> dict[str, object]:
        made = with_parameters(the_template(), given)
        properties = {name: cast(Json, made[name]["Properties"]) for name in STORING}
        return {name: one[field] for name, one in properties.items() if field in one}

    assert reserved() == {}
    assert reserved(InvokeConcurrency=500) == {"Invoke": 500}


SUBNETS, GROUPS = {"FunctionSubnets": "subnet-1,subnet-2"}, {"FunctionSecurityGroups": "sg-1"}


def test_only_what_sends_requests_to_targets_is_in_the_vpc_and_only_where_one_is_given() -> None:
    def placed(**given: str) -> dict[str, object]:
        made = with_parameters(the_template(), given)
        properties = {name: cast(Json, made[name]["Properties"]) for name in STORING}
        return {name: one["VpcConfig"] for name, one in properties.items() if "VpcConfig" in one}

    there = {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    assert placed() == {}
    assert placed(**SUBNETS, **GROUPS) == {"APIHandler": there, "Invoke": there, "Reconcile": there}


@pytest.mark.parametrize(
    ("given", "is_right"), [({}, True), (SUBNETS | GROUPS, True), (SUBNETS, False), (GROUPS, False)]
)
def test_subnets_and_security_groups_are_given_together_or_not_at_all(given: dict[str, str], is_right: bool) -> None:
    assert (broken_rules(the_template(), given) == []) is is_right


def test_network_interfaces_are_made_by_the_functions_in_the_vpc_alone_and_only_where_there_is_one() -> None:
    for function in FUNCTIONS:
        statements = items(function_policy(NAMES, function), "Statement")
        assert not any("ec2" in str(one) for one in statements if "Fn::If" not in one)
        conditional = [cast("list[object]", one["Fn::If"]) for one in statements if "Fn::If" in one]
        if not function.sends:
            assert conditional == []
            continue
        ((condition, then, otherwise),) = conditional
        assert condition == "InVpc"
        assert cast(Json, then)["Action"] == [f"ec2:{operation}" for operation in VPC_ACCESS]
        assert otherwise == {"Ref": "AWS::NoValue"}


def test_alarms_before_a_quota_reckon_with_the_quota_that_is_given() -> None:
    made = with_parameters(the_template(), {"StartQuota": 150})
    *_, share = cast("list[Json]", cast(Json, made["StartsNearlyUsedAlarm"]["Properties"])["Metrics"])
    assert share["Expression"] == {"Fn::Sub": "100 * used / 300 / 150"}
