"""A target as a value: where a job's messages go. Its kind, the job's `invocation_type`, chooses the class.

A new kind is a module beside `http`, an entry of `KINDS`, its message in `Message`, and a sender on each backend.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from jobhook.core.errors import Problem, TargetNotAllowed
from jobhook.core.targets.http import HttpMessage, HttpTarget
from jobhook.core.targets.networks import TargetNetworks

Target: TypeAlias = HttpTarget
"""What every kind has: `kind`, `parse`, `host`, `refusal`, `render`, `judge` and `failure_text`."""

Message: TypeAlias = HttpMessage
"""What a target has rendered, for the sender of its kind."""

KINDS: Final[Mapping[str, type[Target]]] = {HttpTarget.kind: HttpTarget}
"""Every kind of target by its `invocation_type`."""


def stored_target(invocation_type: str, address: str) -> Target:
    """The target that a job or an execution has stored; it was parsed before."""
    return KINDS[invocation_type](address)


def check_targets(targets: Mapping[str, Target], networks: TargetNetworks) -> None:
    """Raises TargetNotAllowed where nothing may be sent to one of the targets, which are given by their field."""
    problems = [
        Problem(field, message)
        for field, target in targets.items()
        if (message := target.refusal(networks)) is not None
    ]
    if problems:
        raise TargetNotAllowed(problems)
