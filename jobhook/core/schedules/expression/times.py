"""The times of day of a cron schedule: every one of its hours with every one of its minutes."""

from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimesOfDay:
    """Times in minutes since midnight, in order and numbered from 0; none of the two tuples is empty."""

    hours: tuple[int, ...]
    minutes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.hours) * len(self.minutes)

    def __getitem__(self, index: int) -> int:
        hour, minute = divmod(index, len(self.minutes))
        return self.hours[hour] * 60 + self.minutes[minute]

    def before(self, time: int) -> int:
        """Return how many times of day are before `time`: the index of the first that is not."""
        hour, minute = divmod(time, 60)
        index = bisect_left(self.hours, hour)
        whole_hours = index * len(self.minutes)
        if index < len(self.hours) and self.hours[index] == hour:
            return whole_hours + bisect_left(self.minutes, minute)
        return whole_hours
