"""CloudFormation takes an update from the last release and the way back, and replaces nothing that holds data."""

from typing import Any, cast

import pytest

from infra.deploy.change_sets import Package, propose
from infra.template.intrinsics import Json
from infra.template.names import Names
from infra.template.settings import Settings
from infra.template.tables import TABLES
from tests.infra.last_release import last_release
from tests.infra.reading import items, part, resources, the_template
from tests.infra.test_parameters import allowed

MOST_INDEX_CHANGES = 1
"""What CloudFormation takes of one table in one update."""
KEPT = {
    "AWS::DynamoDB::Table": ("TableName", "KeySchema", "BillingMode"),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "StateMachineType"),
    "AWS::Serverless::Function": ("FunctionName",),
}
"""The properties whose change replaces a resource that holds data, waiting runs, or a name that rules know."""


def released(kind: str) -> dict[str, Json]:
    found = cast("dict[str, Json]", last_release()["Resources"])
    return {name: one for name, one in found.items() if one["Type"] == kind}


def index_changes(before: Json, after: Json) -> int:
    """Indexes to delete and to create; one whose keys or attributes change is both."""
    old, new = ([str(index) for index in items(table, "GlobalSecondaryIndexes")] for table in (before, after))
    return len(set(old) ^ set(new))


@pytest.mark.parametrize("table", TABLES.values())
def test_a_table_has_at_most_one_change_of_its_indexes_either_way(table: str) -> None:
    before = part(released("AWS::DynamoDB::Table")[table], "Properties")
    after = part(resources()[table], "Properties")
    assert index_changes(before, after) <= MOST_INDEX_CHANGES


def test_an_index_with_other_attributes_counts_as_two_changes() -> None:
    before = part(released("AWS::DynamoDB::Table")["JobsTable"], "Properties")
    first, *others = items(before, "GlobalSecondaryIndexes")
    changed = before | {"GlobalSecondaryIndexes": [first | {"Projection": {"ProjectionType": "ALL"}}, *others]}
    assert index_changes(before, changed) == 2
    assert index_changes(before, before | {"GlobalSecondaryIndexes": others}) == 1


@pytest.mark.parametrize("kind", KEPT)
def test_nothing_is_replaced_that_holds_data_or_waiting_runs(kind: str) -> None:
    for name, before in released(kind).items():
        after = resources()[name]
        for attribute in KEPT[kind]:
            old = part(before, "Properties").get(attribute)
            assert part(after, "Properties").get(attribute) == old, f"{name}: {attribute}"


def test_a_value_that_a_parameter_has_is_allowed_by_this_version_too() -> None:
    declared = part(the_template(), "Parameters")
    for name, before in cast("dict[str, Json]", last_release()["Parameters"]).items():
        assert name in declared, f"{name} is gone: its value would be lost at the update"
        now = part(declared, name)
        assert now["Type"] == before["Type"]
        assert allowed(now, before["Default"])
        assert now.get("AllowedPattern") == before.get("AllowedPattern")
        assert set(cast("list[object]", before.get("AllowedValues", []))) <= set(
            cast("list[object]", now.get("AllowedValues", []))
        )
        if "MinValue" in before:
            assert cast(int, now["MinValue"]) <= cast(int, before["MinValue"])
            assert cast(int, now["MaxValue"]) >= cast(int, before["MaxValue"])


def test_going_back_sends_previous_values_of_the_old_parameters_alone() -> None:
    now, before = part(the_template(), "Parameters"), part(last_release(), "Parameters")
    known = {*now, "OfANewerVersion"}
    stack: Any = {"Parameters": [{"ParameterKey": name, "ParameterValue": "1"} for name in known]}
    client: Any = Proposals()
    settings = Settings(Names("prod"), None, {}, sure=True, delete_tables=False)
    propose(client, settings, Package("https://bucket/template.json", frozenset(before)), "one", stack)
    (asked,) = client.asked
    assert {one["ParameterKey"] for one in asked["Parameters"]} == set(before)
    assert all(one["UsePreviousValue"] for one in asked["Parameters"])


class Proposals:
    """Keeps what CloudFormation is asked for."""

    def __init__(self) -> None:
        self.asked: list[Json] = []

    def create_change_set(self, **request: object) -> None:
        self.asked.append(request)
