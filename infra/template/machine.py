"""The state machine: the ASL file as it is, its role, and a log that holds no data."""

import re
from pathlib import Path

from infra.template.functions import BOUNDARY, INVOKE, RECORD_FAILURE
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
                "DefinitionString": _definition(definition.read_text()),
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


def _definition(text: str) -> Json:
    """The file with the functions' ARNs filled in.

    A text, as CloudFormation refuses the null of a `ResultPath` in a template. Joined, and not by `Fn::Sub`, which
    would read the placeholders of the language's context object.
    """
    arns = {"InvokeFunctionArn": arn(INVOKE.logical_id), "RecordFailureFunctionArn": arn(RECORD_FAILURE.logical_id)}
    pieces: list[object] = [
        arns[piece] if number % 2 else piece for number, piece in enumerate(re.split(r"\$\{(\w+)\}", text))
    ]
    return {"Fn::Join": ["", pieces]}


def _role() -> Json:
    return resource(
        "AWS::IAM::Role",
        {
            **BOUNDARY,
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
