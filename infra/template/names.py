"""Names that carry the stage, so that several stages share an account and a region."""

import re
from dataclasses import dataclass

from infra.template.intrinsics import Json, sub

METRICS_NAMESPACE = "Jobhook"
"""Of the metrics that Jobhook makes itself; their dimension `Stage` tells the stages apart."""
STAGE = re.compile(r"[a-z][a-z0-9]{0,13}")
"""No hyphen: rules are told apart by a prefix, and that of `eu` would be found in names of `eu-west`."""


class InvalidStage(ValueError):
    """A stage is named by 1 to 14 lower case letters and digits, a letter first."""


@dataclass(frozen=True, slots=True)
class Names:
    """The physical names of one stage. Raises InvalidStage."""

    stage: str

    def __post_init__(self) -> None:
        if not STAGE.fullmatch(self.stage):
            raise InvalidStage(f"{self.stage!r} is no stage's name: {InvalidStage.__doc__}")

    @property
    def stack(self) -> str:
        """The CloudFormation stack, and what every name begins with."""
        return f"jobhook-{self.stage}"

    @property
    def rule_prefix(self) -> str:
        """What the rules made at run time begin with, and nothing else does: the reconciler removes those it does not
        know.
        """
        return f"{self.stack}-rule-"

    @property
    def state_machine(self) -> str:
        """Fixed, so that its ARN can be written down without a reference: functions and machine need each other."""
        return f"{self.stack}-execution"

    @property
    def state_machine_arn(self) -> Json:
        """The ARN by that name."""
        return sub("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:" + self.state_machine)

    @property
    def executions_arn(self) -> Json:
        """All runs of the state machine."""
        return sub(
            "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:" + self.state_machine + ":*"
        )

    @property
    def rules_arn(self) -> Json:
        """All rules made at run time."""
        return sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + self.rule_prefix + "*")

    def of(self, role: str) -> str:
        """The name of the resource that has this role."""
        return f"{self.stack}-{role}"
