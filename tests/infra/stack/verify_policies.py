"""The deployed policies before a linter that is not ours; each finding that stays has its reason here."""

import json
import os
import subprocess
from pathlib import Path
from typing import cast

from infra.template.functions import FUNCTIONS
from infra.template.intrinsics import Json
from infra.template.policies import VPC_ACCESS
from tests.infra.stack.deployment import Deployment

LINTER = Path(__file__).parents[3] / "infra" / "verify" / "lint_policies.py"

EXPLAINED = {
    **{f"ec2:{name}": "on everything in AWS's own policy, after which Lambda looks for it" for name in VPC_ACCESS},
    "states:SendTaskSuccess": "AWS checks it on the state machine's ARN, as refusals show; its table says it does not",
    "states:SendTaskFailure": "as SendTaskSuccess",
    "states:SendTaskHeartbeat": "as SendTaskSuccess",
    "states:ListExecutions": "of a state machine or a map run; the linter wants both",
    "states:DescribeExecution": "of a standard or an express execution; the linter wants both",
}


def test_no_finding_is_unexplained(account: Deployment, tmp_path: Path) -> None:
    account.create(FunctionSubnets="subnet-0a1b", FunctionSecurityGroups="sg-0a1b")  # all that a role may ever have
    policies = {function.logical_id: account.policy(function.logical_id) for function in FUNCTIONS}
    policies["StateMachine"] = account.role_policy(account.physical_id("StateMachineRole"))
    written = tmp_path / "policies.json"
    written.write_text(json.dumps({name: document(statements) for name, statements in policies.items()}))
    found = subprocess.run(
        [os.environ["JOBHOOK_PARLIAMENT"], "-W", "ignore", LINTER, written],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    unexplained = [line for line in found.splitlines() if not explained(json.loads(line))]
    assert not unexplained, "\n".join(unexplained)
    assert "Dispatch" in policies
    assert "ec2:CreateNetworkInterface" in str(policies["Invoke"])


def document(statements: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": [as_on_aws(statement) for statement in statements]}


def as_on_aws(statement: Json) -> Json:
    """A log group's ARN ends in `:*` on AWS, and does not in moto."""
    resource = str(statement["Resource"])
    return statement | {"Resource": f"{resource}:*" if ":log-group:" in resource else resource}


def explained(finding: Json) -> bool:
    """Only what is said of resources, and only of operations that are explained."""
    if finding["issue"] not in ("RESOURCE_MISMATCH", "RESOURCE_STAR"):
        return False
    of = cast("list[str | dict[str, str]]", finding["detail"])
    return all((one if isinstance(one, str) else one["action"]) in EXPLAINED for one in of)
