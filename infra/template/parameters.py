"""What a deployment may choose, and the conditions that follow from it."""

from infra.template.functions import HAS_BOUNDARY, IN_VPC, IS_PRIVATE, NO_OWN_ADDRESS, reserved
from infra.template.intrinsics import Json, ref

_LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 180, 365, 400, 545, 731, 1827, 3653]

_RESERVED = {
    "ApiConcurrency": "requests and callbacks",
    "DispatchConcurrency": "fires of schedules",
    "InvokeConcurrency": "webhooks that are being sent",
    "FailureConcurrency": "failures that are being recorded",
    "ReconcileConcurrency": "runs whose bad end is looked into and told",
}
"""The starter's bound is its queue's."""


def parameters() -> Json:
    """Each with a default that suits a new installation."""
    return {
        "RetentionDays": _number(90, 1, 3_650, "Days that ended executions and fires are kept."),
        "LogRetentionDays": {
            "Type": "Number",
            "Default": 30,
            "AllowedValues": _LOG_DAYS,
            "Description": "Days that logs are kept.",
        },
        "AlarmTopicArn": _text(
            "An SNS topic that hears of alarms; empty for none.", AllowedPattern="(arn:[^:]+:sns:.+)?"
        ),
        "CallbackAddress": _text(
            "The address of a custom domain for callback URLs, such as https://jobs.example.com; "
            "empty for API Gateway's own.",
            AllowedPattern="(https://[^/].*[^/])?",
        ),
        "VpcEndpoint": _text(
            "An interface endpoint for execute-api, such as vpce-0123456789abcdef0; given, the API is private to it.",
            AllowedPattern="(vpce-[0-9a-f]+)?",
        ),
        "AllowedTargetNetworks": _text(
            "CIDRs, separated by commas, that webhooks may reach beside public addresses, such as 10.20.0.0/16; "
            "empty for public addresses only. Loopback, link-local and metadata addresses stay closed.",
            AllowedPattern="([0-9A-Fa-f.:]+/[0-9]+(,[0-9A-Fa-f.:]+/[0-9]+)*)?",
        ),
        "FunctionSubnets": _ids("subnet", "Subnets, separated by commas, from which webhooks are sent"),
        "FunctionSecurityGroups": _ids("sg", "Security groups, separated by commas, of what sends them there"),
        "PermissionsBoundary": _text(
            "The ARN of a policy that bounds all roles of the stack; empty for none.",
            AllowedPattern="(arn:[^:]+:iam::[^:]*:policy/.+)?",
        ),
        "StartConcurrency": _number(2, 2, 1_000, "Starters of large dispatches at once; each makes up to 8 at a time."),
        **{name: _reserved(of) for name, of in _RESERVED.items()},
        "RuleQuota": _number(300, 1, 100_000, "EventBridge rules that this region of the account may have."),
        "StartQuota": _number(300, 1, 100_000, "StartExecution a second that this region allows, beyond bursts."),
        "ConcurrencyQuota": _number(1_000, 10, 1_000_000, "Lambda executions at once that this region allows."),
        "ApiRate": _number(100, 1, 10_000, "Requests a second to the API, callbacks apart."),
        "ApiBurst": _number(200, 1, 5_000, "Requests at once to the API, callbacks apart."),
        "CallbackRate": _number(500, 1, 10_000, "Callbacks a second."),
        "CallbackBurst": _number(1_000, 1, 5_000, "Callbacks at once."),
        "LogRoleOfApiGateway": {
            "Type": "String",
            "Default": "create",
            "AllowedValues": ["create", "exists"],
            "Description": "Whether this region of the account still needs the role by which API Gateway writes logs.",
        },
    }


def conditions() -> Json:
    """Named after what they say."""
    return {
        **{reserved(name): {"Fn::Not": [{"Fn::Equals": [ref(name), "0"]}]} for name in _RESERVED},
        "HasAlarmTopic": _given("AlarmTopicArn"),
        HAS_BOUNDARY: _given("PermissionsBoundary"),
        IS_PRIVATE: _given("VpcEndpoint"),
        IN_VPC: {"Fn::Or": [_given("FunctionSubnets"), _given("FunctionSecurityGroups")]},
        NO_OWN_ADDRESS: {"Fn::Equals": [ref("CallbackAddress"), ""]},
        "SetApiGatewayLogRole": {"Fn::Equals": [ref("LogRoleOfApiGateway"), "create"]},
    }


def rules() -> Json:
    """What CloudFormation asserts of parameters together, before it changes anything."""
    both = {"Fn::And": [_given("FunctionSubnets"), _given("FunctionSecurityGroups")]}
    none = {"Fn::And": [_empty("FunctionSubnets"), _empty("FunctionSecurityGroups")]}
    said = "FunctionSubnets and FunctionSecurityGroups are given together, or neither."
    return {
        "SubnetsWithSecurityGroups": {"Assertions": [{"Assert": {"Fn::Or": [both, none]}, "AssertDescription": said}]}
    }


def _empty(parameter: str) -> Json:
    return {"Fn::Equals": [ref(parameter), ""]}


def _given(parameter: str) -> Json:
    return {"Fn::Not": [_empty(parameter)]}


def _ids(kind: str, description: str) -> Json:
    one = f"{kind}-[0-9a-f]+"
    return _text(f"{description}; empty for Lambda's own network.", AllowedPattern=f"({one}(,{one})*)?")


def _reserved(of: str) -> Json:
    return _number(0, 0, 100_000, f"Lambda executions reserved for, and at most, at once, {of}; 0 for no bound.")


def _number(default: int, least: int, most: int, description: str) -> Json:
    return {
        "Type": "Number",
        "Default": default,
        "MinValue": least,
        "MaxValue": most,
        "Description": description,
    }


def _text(description: str, **more: object) -> Json:
    return {"Type": "String", "Default": "", "Description": description, **more}
