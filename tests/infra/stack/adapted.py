"""The SAM-expanded template as moto can deploy it: less what moto does not know.

docs/aws.md lists what is left out, and what proves each of these parts otherwise.
"""

import copy
from typing import cast

from infra.template.intrinsics import Json

UNKNOWN_TO_MOTO = frozenset(
    {
        "AWS::ApiGateway::Account",
        "AWS::ApiGateway::Deployment",
        "AWS::ApiGateway::Stage",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::SQS::QueuePolicy",
    }
)


def adapted(template: Json) -> Json:
    """Only kinds that moto lacks are left out, and what is made under a condition that does not hold."""
    made = copy.deepcopy(template)
    resources = cast(dict[str, Json], made["Resources"])
    made["Resources"] = {
        name: one
        for name, one in resources.items()
        # moto stumbles over a resource whose condition does not hold, and with these parameters none does.
        if one["Type"] not in UNKNOWN_TO_MOTO and "Condition" not in one
    }
    return made


def of_kind(template: Json, kind: str) -> dict[str, Json]:
    """The resources of a kind, by logical id."""
    resources = cast(dict[str, Json], template["Resources"])
    return {name: one for name, one in resources.items() if one["Type"] == kind}
