"""What CloudFormation makes of a template's parameters and conditions; other references stay as they are."""

import re
from collections.abc import Mapping
from typing import cast

from infra.template.intrinsics import Json

_NOTHING = object()


def with_parameters(template: Json, given: Mapping[str, object]) -> dict[str, Json]:
    """The resources with these parameters, the others at their defaults; without those whose condition is false."""
    values = _parameters(template, given)
    conditions = cast(Json, template["Conditions"])
    holds = {name: bool(_value(condition, values, {})) for name, condition in conditions.items()}
    resources = cast(dict[str, Json], template["Resources"])
    there = {name: one for name, one in resources.items() if holds.get(str(one.get("Condition")), True)}
    return {name: cast(Json, _value(one, values, holds)) for name, one in there.items()}


def broken_rules(template: Json, given: Mapping[str, object]) -> list[str]:
    """What the template's rules say against these parameters."""
    values = _parameters(template, given)
    rules = cast("list[Json]", list(cast(Json, template["Rules"]).values()))
    assertions = [one for rule in rules for one in cast("list[Json]", rule["Assertions"])]
    return [str(one["AssertDescription"]) for one in assertions if not _value(one["Assert"], values, {})]


def _parameters(template: Json, given: Mapping[str, object]) -> Json:
    declared = cast(dict[str, Json], template["Parameters"])
    return {name: given.get(name, parameter["Default"]) for name, parameter in declared.items()}


def _value(document: object, values: Mapping[str, object], holds: Mapping[str, bool]) -> object:
    if isinstance(document, list):
        items = [_value(item, values, holds) for item in document]
        return [item for item in items if item is not _NOTHING]
    if not isinstance(document, dict):
        return document
    if len(document) == 1:
        ((name, argument),) = document.items()
        match name:
            case "Ref" if argument == "AWS::NoValue":
                return _NOTHING
            case "Ref" if argument in values:
                return values[argument]
            case "Fn::Sub" if isinstance(argument, str):
                return {name: re.sub(r"\$\{(\w+)\}", lambda one: str(values.get(one[1], one[0])), argument)}
            case "Fn::If":
                return _value(argument[1] if holds[argument[0]] else argument[2], values, holds)
            case "Fn::Split":
                return str(_value(argument[1], values, holds)).split(argument[0])
            case "Fn::And":
                return all(_value(part, values, holds) for part in argument)
            case "Fn::Or":
                return any(_value(part, values, holds) for part in argument)
            case "Fn::Not":
                return not _value(argument[0], values, holds)
            case "Fn::Equals":
                one, other = (_value(side, values, holds) for side in argument)
                return str(one) == str(other)
    made = {name: _value(part, values, holds) for name, part in document.items()}
    return {name: part for name, part in made.items() if part is not _NOTHING}
