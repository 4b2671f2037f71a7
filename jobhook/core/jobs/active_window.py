"""The span of a job's life in which it has occurrences: from its start to its end, each where it has one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Scheduled times from `start_ms` to `end_ms`, both included; None: from ever, or for ever."""

    start_ms: int | None = None
    end_ms: int | None = None

    def before(self, time_ms: int) -> bool:
        """Whether it begins only after that time."""
        return self.start_ms is not None and time_ms < self.start_ms

    def over(self, time_ms: int) -> bool:
        """Whether it has ended before that time."""
        return self.end_ms is not None and time_ms > self.end_ms

    def holds(self, time_ms: int) -> bool:
        """Whether that time lies in it."""
        return not self.before(time_ms) and not self.over(time_ms)


ALWAYS = Span()
