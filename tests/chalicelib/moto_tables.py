"""DynamoDB in this process, with the tables as the deployment makes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import botocore.session
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from chalicelib.clients import CONFIG
from chalicelib.dynamodb.store import DynamoStore
from chalicelib.dynamodb.tables import Tables, definitions
from jobhook.adapters.stepwise_effects import CommitStore

REGION = "eu-west-1"
TABLES = Tables(jobs="jobs", executions="executions", schedules="schedules")


def dynamodb_client() -> DynamoDBClient:
    """A client of moto's DynamoDB; to be called inside `mock_aws`."""
    client = botocore.session.get_session().create_client("dynamodb", region_name=REGION, config=CONFIG)
    return cast(DynamoDBClient, client)


def create_tables(client: DynamoDBClient) -> None:
    for definition in definitions(TABLES):
        client.create_table(**definition)


@asynccontextmanager
async def dynamodb_store() -> AsyncIterator[CommitStore]:
    """An empty store on a moto of its own."""
    with mock_aws():
        client = dynamodb_client()
        create_tables(client)
        yield DynamoStore(client, TABLES)
