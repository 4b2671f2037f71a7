"""The state machine: the ASL file as it is, its role, and a log that holds no data."""

import json
from pathlib import Path

from infra.template.functions import INVOKE, RECORD_FAILURE
from infra.template.intrinsics import Json, arn, ref, resource
from infra.template.names import Names
from infra.template.policies import machine_policy

DEFINITION = Path(__file__).parents[2] / "statemachines" / "execution.asl.json"


def machine(names: Names, definition: Path = DEFINITION) -> Json:
    """The machine and what it needs."""
    return {
        "StateMachine": resource(
            "AWS::StepFunctions::StateMachine",
            {
                "StateMachineName": names.state_machine,
                "StateMachineType": "STANDARD",
                "Definition": json.loads(definition.read_text()),
                "DefinitionSubstitutions": {
                    "InvokeFunctionArn": arn(INVOKE.logical_id),
                    "RecordFailureFunctionArn": arn(RECORD_FAILURE.logical_id),
                },
                "RoleArn": arn("StateMachineRole"),
                "TracingConfiguration": {"Enabled": True},
                "LoggingConfiguration": {
                    "Level": "ERROR",
                    "IncludeExecutionData": False,
                    "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn("StateMachineLogs")}}],
                },
            },
        ),
        "StateMachineLogs": resource(
            "AWS::Logs::LogGroup",
            {
                "LogGroupName": f"/aws/vendedlogs/states/{names.state_machine}",  # other names meet a limit of AWS
                "RetentionInDays": ref("LogRetentionDays"),
            },
        ),
        "StateMachineRole": _role(),
    }


def _role() -> Json:
    return resource(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
                    }
                ],
            },
            "Policies": [{"PolicyName": "StateMachine", "PolicyDocument": machine_policy()}],
        },
    )
