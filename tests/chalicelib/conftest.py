from collections.abc import Iterator

import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from chalicelib.dynamodb.store import DynamoStore
from tests.api.conftest import backend as backend
from tests.chalicelib.moto_tables import TABLES, create_tables, dynamodb_client
from tests.chalicelib.wire import Wire, wire_to_moto


class NoTime:
    @staticmethod
    def sleep(seconds: float) -> None:
        pass


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """An empty moto behind a wire; what is sent again is sent at once."""
    monkeypatch.setattr("botocore.endpoint.time", NoTime)
    with mock_aws(), wire_to_moto() as between:
        yield between


@pytest.fixture
def client(wire: Wire) -> DynamoDBClient:
    made = dynamodb_client()
    create_tables(made)
    wire.calls.clear()
    return made


@pytest.fixture
def store(client: DynamoDBClient) -> DynamoStore:
    return DynamoStore(client, TABLES, sleep=NoTime.sleep)
