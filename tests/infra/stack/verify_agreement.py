"""The deployed stack and the code agree on what both name."""

import json
from pathlib import Path
from typing import cast

import pytest

from chalicelib.dynamodb.tables import Tables, definitions
from infra.template.intrinsics import Json
from infra.template.tables import TABLES
from tests.infra.nulls import nulls
from tests.infra.stack.deployment import Deployment


def test_every_table_has_the_keys_and_indexes_that_the_code_reads(account: Deployment) -> None:
    account.create()
    named = Tables(**{role: account.physical_id(logical_id) for role, logical_id in TABLES.items()})
    for wanted in definitions(named):
        table = wanted["TableName"]
        deployed = account.dynamodb.describe_table(TableName=table)["Table"]
        assert deployed["KeySchema"] == wanted["KeySchema"], f"the keys of {table}"
        indexes = {one["IndexName"]: one for one in deployed.get("GlobalSecondaryIndexes", [])}
        for index in wanted["GlobalSecondaryIndexes"]:
            name = index["IndexName"]
            assert name in indexes, f"the code reads the index {name} of {table}, which has only {sorted(indexes)}"
            assert indexes[name]["KeySchema"] == index["KeySchema"], f"the keys of index {name} of {table}"
            assert indexes[name]["Projection"] == index["Projection"], f"what index {name} of {table} projects"


def test_every_function_has_an_environment_that_its_backend_can_be_made_of(account: Deployment) -> None:
    account.create()
    for function in account.functions.values():
        assert function.backend.store is not None, function.logical_id
        assert function.backend.effects is not None, function.logical_id


def test_the_code_of_every_function_is_the_bundle(account: Deployment, expanded: Json) -> None:
    for one in cast(dict[str, Json], expanded["Resources"]).values():
        if one["Type"] == "AWS::Lambda::Function":
            properties = cast(Json, one["Properties"])
            assert properties["Architectures"] == ["arm64"]
            assert properties["Code"] == {"S3Bucket": "bucket", "S3Key": "deployment.zip"}


@pytest.mark.parametrize("name", ["template.json", "expanded.json"])
def test_no_template_holds_a_null_which_cloudformation_refuses(package: Path, name: str) -> None:
    assert list(nulls(json.loads((package / name).read_text()))) == []
