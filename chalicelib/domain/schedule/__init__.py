"""AWS schedule expressions: parse one, ask when it fires, say what it means. Pure, and the standard library only."""

from chalicelib.domain.schedule.at import At
from chalicelib.domain.schedule.cron import Cron
from chalicelib.domain.schedule.errors import ScheduleError
from chalicelib.domain.schedule.expression import Schedule, parse
from chalicelib.domain.schedule.rate import Rate

__all__ = ["At", "Cron", "Rate", "Schedule", "ScheduleError", "parse"]
