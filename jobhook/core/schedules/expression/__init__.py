"""AWS schedule expressions: parse one, ask when it fires, say what it means. Pure, and the standard library only."""

from jobhook.core.schedules.expression.at import At
from jobhook.core.schedules.expression.cron import Cron
from jobhook.core.schedules.expression.errors import ScheduleError
from jobhook.core.schedules.expression.expression import Schedule, parse
from jobhook.core.schedules.expression.rate import Rate

__all__ = ["At", "Cron", "Rate", "Schedule", "ScheduleError", "parse"]
