"""What the mock service does with a webhook; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

Outcome = Literal["success", "fail", "lose"]

_MOST_SECONDS = 86_400.0
_MOST_HEARTBEATS = 10_000
_KINDS: Mapping[str, Callable[[str], Any]] = {
    "answer": int,
    "answer_after": float,
    "work": float,
    "heartbeats": int,
    "outcome": str,
    "fail": float,
    "lose": float,
}


class BehaviourRefused(ValueError):
    """A setting is unknown or out of its range; the text says which."""


@dataclass(frozen=True)
class Behaviour:
    """The webhook is answered with status `answer` after `answer_after` seconds, then `work` seconds pass.

    Heartbeats are spread evenly over the work. The end is `outcome`, unless chance makes it a failure or a lost
    callback: `fail` and `lose` are percentages.
    """

    answer: int = 202
    answer_after: float = 0.0
    work: float = 2.0
    heartbeats: int = 1
    outcome: Outcome = "success"
    fail: float = 0.0
    lose: float = 0.0

    def __post_init__(self) -> None:
        """Raises BehaviourRefused."""
        bounds = {
            "answer": (200, 599),
            "answer_after": (0, _MOST_SECONDS),
            "work": (0, _MOST_SECONDS),
            "heartbeats": (0, _MOST_HEARTBEATS),
            "fail": (0, 100),
            "lose": (0, 100),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise BehaviourRefused(f"{name} must be {low} to {high:.0f}")
        if self.outcome not in get_args(Outcome):
            raise BehaviourRefused(f"outcome must be one of {', '.join(get_args(Outcome))}")

    def of_query(self, query: Mapping[str, str]) -> "Behaviour":
        """This behaviour with what the query of a webhook's URL says. Raises BehaviourRefused."""
        unknown = [name for name in query if name not in _KINDS]
        if unknown:
            raise BehaviourRefused(f"{unknown[0]} is none of {', '.join(_KINDS)}")
        try:
            return replace(self, **{name: _KINDS[name](text) for name, text in query.items()})
        except BehaviourRefused:
            raise
        except ValueError as error:
            raise BehaviourRefused(str(error)) from error

    def end(self, chance: float) -> Outcome:
        """How a run ends; `chance` is random, from 0 to 1."""
        if chance * 100 < self.lose:
            return "lose"
        if chance * 100 < self.lose + self.fail:
            return "fail"
        return self.outcome

    @property
    def pauses(self) -> list[tuple[float, int]]:
        """The heartbeats: seconds of work before each, and the progress that it tells."""
        step = self.work / (self.heartbeats + 1)
        return [(step, 100 * number // (self.heartbeats + 1)) for number in range(1, self.heartbeats + 1)]

    @property
    def last_pause(self) -> float:
        """Seconds of work after the last heartbeat."""
        return self.work / (self.heartbeats + 1)
