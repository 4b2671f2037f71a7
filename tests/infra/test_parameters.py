"""Every parameter of the stack acts exactly where it is to act."""

import re
from typing import cast

import pytest

from infra.functions import FUNCTIONS, log_group
from infra.intrinsics import Json
from tests.infra.evaluated import with_parameters
from tests.infra.reading import resources, the_template

STORING = {function.logical_id for function in FUNCTIONS}
LOGS = {log_group(function) for function in FUNCTIONS} | {"AccessLogs", "StateMachineLogs"}
ALARMS = set(resources("AWS::CloudWatch::Alarm"))

ACTS_ON: dict[str, tuple[object, set[str]]] = {
    "RetentionDays": (7, STORING),
    "LogRetentionDays": (365, LOGS),
    "AlarmTopicArn": ("arn:aws:sns:eu-west-1:123456789012:alarms", ALARMS),
    "CallbackAddress": ("https://jobs.example.com", {"Invoke"}),
    "VpcEndpoint": ("vpce-0123456789abcdef0", {"RestAPI", "Invoke"}),
    "AllowedTargetNetworks": ("10.20.0.0/16", {"APIHandler", "Invoke", "Reconcile"}),
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


def test_alarms_before_a_quota_reckon_with_the_quota_that_is_given() -> None:
    made = with_parameters(the_template(), {"StartQuota": 150})
    *_, share = cast("list[Json]", cast(Json, made["StartsNearlyUsedAlarm"]["Properties"])["Metrics"])
    assert share["Expression"] == {"Fn::Sub": "100 * used / 300 / 150"}
