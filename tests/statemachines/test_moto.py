"""moto, as a second reader of the state machine files: it parses them with its own grammar of the language."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.config import default_user_config

FILES = sorted((Path(__file__).parents[2] / "statemachines").glob("*.asl.json"))
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:f"
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture(autouse=True)
def parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads definitions only where it is to run them."""
    monkeypatch.setitem(default_user_config, "stepfunctions", {"execute_state_machine": True})


def create(definition: str) -> str:
    client = boto3.client(
        "stepfunctions", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    return client.create_state_machine(name="machine", definition=definition, roleArn=ROLE)["stateMachineArn"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_moto_takes_the_file(file: Path) -> None:
    definition = file.read_text()
    for placeholder in ("${InvokeFunctionArn}", "${RecordFailureFunctionArn}"):
        definition = definition.replace(placeholder, FUNCTION)
    with mock_aws():
        assert create(definition).endswith(":machine")


def test_moto_would_not_take_just_anything() -> None:
    with mock_aws(), pytest.raises(ClientError):
        create(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": 5}}}))
