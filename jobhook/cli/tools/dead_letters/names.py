"""The names of a stage's queues and functions on AWS, as the template gives them."""

import re
from enum import StrEnum

STAGE = re.compile(r"[a-z][a-z0-9]{0,13}")
STARTS = "starts"
DISPATCH = "dispatch"
RECONCILE = "reconcile"


class DeadQueue(StrEnum):
    """The dead-letter queues of a stage, by their roles."""

    STARTS = "starts-dead"
    DISPATCH = "dispatch-dead"
    RECONCILE = "reconcile-dead"
    RULES = "rules-dead"


def name_of(stage: str, role: str) -> str:
    """The name of a stage's queue or function."""
    return f"jobhook-{stage}-{role}"
