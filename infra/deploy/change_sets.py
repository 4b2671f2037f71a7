"""Change sets: what a deployment is going to change, proposed, shown and carried out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import WaiterError

from infra.template.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef, ParameterTypeDef, StackTypeDef

_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, slots=True)
class Package:
    """What is deployed: where CloudFormation finds the template, and the parameters that the template declares."""

    template_url: str
    parameters: frozenset[str]


class TemplateRefused(Exception):
    """CloudFormation made no change set; the text is its reason."""


def propose(
    stacks: "CloudFormationClient",
    settings: Settings,
    package: "Package",
    change_set: str,
    found: "StackTypeDef | None",
) -> None:
    """Ask for a change set; the template's parameters that are not given keep their values."""
    kept = [name for name in parameters_of(found) if name in package.parameters]
    parameters: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in settings.parameters.items()
    ]
    parameters += [{"ParameterKey": name, "UsePreviousValue": True} for name in kept if name not in settings.parameters]
    stacks.create_change_set(
        StackName=settings.names.stack,
        ChangeSetName=change_set,
        ChangeSetType="UPDATE" if found else "CREATE",
        TemplateURL=package.template_url,
        Parameters=parameters,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        ImportExistingResources=True,
    )


def parameters_of(found: "StackTypeDef | None") -> list[str]:
    """The parameters that a stack has values for."""
    return [one.get("ParameterKey", "") for one in found.get("Parameters", [])] if found else []


def is_ready(stacks: "CloudFormationClient", stack: str, change_set: str) -> bool:
    """Whether there is anything to do. A change set that failed is deleted. Raises TemplateRefused."""
    try:
        stacks.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change_set, WaiterConfig={"Delay": 5}
        )
    except WaiterError:
        said = stacks.describe_change_set(StackName=stack, ChangeSetName=change_set).get("StatusReason", "no reason")
        stacks.delete_change_set(StackName=stack, ChangeSetName=change_set)
        if any(words in said for words in _NOTHING_TO_DO):
            return False
        raise TemplateRefused(said) from None
    return True


def lines(stacks: "CloudFormationClient", stack: str, change_set: str) -> list[str]:
    """What is going to change, a line each."""
    pages = stacks.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=change_set)
    return [_line(change) for page in pages for change in page.get("Changes", [])]


def _line(change: "ChangeTypeDef") -> str:
    what = change.get("ResourceChange", {})
    replaced = what.get("Replacement")
    tail = f"  replacement: {replaced}" if replaced in ("True", "Conditional") else ""
    return f"{what.get('Action', ''):<8}{what.get('LogicalResourceId', ''):<28}{what.get('ResourceType', '')}{tail}"
