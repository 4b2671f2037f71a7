"""Pauses: a job's occurrences are skipped for a while, and the ledger says why.

A pause is a range of scheduled times, so it ends by itself: nothing has to happen when `until_ms` comes. A disabled job
has no occurrences; a paused one has them, and each is recorded as skipped.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    """Occurrences from `from_ms` on and before `until_ms` (None: until somebody resumes the job) are skipped."""

    reason: str
    from_ms: int
    until_ms: int | None = None

    def holds(self, time_ms: int) -> bool:
        """Whether it is in force at that time, or skips the occurrence of that scheduled time."""
        return self.from_ms <= time_ms and (self.until_ms is None or time_ms < self.until_ms)

    @property
    def text(self) -> str:
        """What the record of a skipped occurrence says."""
        return f"the job was paused: {self.reason}"
