"""The SAM-expanded template as moto can deploy it: less what it does not know, the machine's text filled in."""

import copy
import json
import re
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
    """Only kinds that moto lacks are left out; moto ignores `Definition`, so the same goes in as `DefinitionString`."""
    made = copy.deepcopy(template)
    resources = cast(dict[str, Json], made["Resources"])
    made["Resources"] = {
        name: one
        for name, one in resources.items()
        # moto stumbles over a resource whose condition does not hold, and with these parameters none does.
        if one["Type"] not in UNKNOWN_TO_MOTO and "Condition" not in one
    }
    machine = cast(Json, resources["StateMachine"]["Properties"])
    substitutions = cast(Json, machine.pop("DefinitionSubstitutions"))
    machine["DefinitionString"] = _filled_in(json.dumps(machine.pop("Definition")), substitutions)
    return made


def _filled_in(text: str, substitutions: Json) -> Json:
    """As a Join, since moto's Sub makes `$$` of the context object to `$`."""
    pieces: list[object] = [
        substitutions[piece] if number % 2 else piece for number, piece in enumerate(re.split(r"\$\{(\w+)\}", text))
    ]
    return {"Fn::Join": ["", pieces]}


def of_kind(template: Json, kind: str) -> dict[str, Json]:
    """The resources of a kind, by logical id."""
    resources = cast(dict[str, Json], template["Resources"])
    return {name: one for name, one in resources.items() if one["Type"] == kind}
