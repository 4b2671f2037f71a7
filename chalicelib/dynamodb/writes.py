"""Every write of the domain as the operations that carry it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.dynamodb import change_items, execution_writes, job_writes, schedule_writes, tallies
from chalicelib.dynamodb.operations import Operation
from chalicelib.dynamodb.tables import Tables
from jobhook.core.executions import writes

SOFT = (writes.FreeLock, writes.SaveLastSuccess, writes.CheckedUntil, writes.FireDone, writes.MarkReported)


def is_soft(write: writes.Write) -> bool:
    """Whether the write is passed over where its condition does not hold, as its docstring says."""
    return isinstance(write, SOFT)


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows the tables, and for how many days they keep what is over."""

    tables: Tables
    retention_days: int

    def operations(self, write: writes.Write) -> Sequence[Operation]:
        """What carries the write out: one operation, or several that only together are the write."""
        match write:
            case writes.PutExecution():
                return execution_writes.put_execution(write, self.tables.executions, self.retention_days)
            case writes.MarkReported():
                return execution_writes.mark_reported(write, self.tables.executions)
            case (
                writes.PutSchedule()
                | writes.DropSchedule()
                | writes.CountSchedule()
                | writes.CheckedUntil()
                | writes.PutFire()
                | writes.FireDone()
                | writes.CountEnded()
            ):
                return self._of_schedules(write, self.tables.schedules)
            case _:
                return self._of_jobs(write, self.tables.jobs)

    def _of_jobs(
        self,
        write: writes.PutJob
        | writes.DropJob
        | writes.CountService
        | writes.TakeLock
        | writes.FreeLock
        | writes.SaveLastSuccess
        | writes.PutChange,
        table: str,
    ) -> Sequence[Operation]:
        match write:
            case writes.PutJob():
                return job_writes.put_job(write, table)
            case writes.DropJob():
                return job_writes.drop_job(write, table)
            case writes.CountService():
                return job_writes.count_service(write, table)
            case writes.TakeLock():
                return job_writes.take_lock(write, table)
            case writes.FreeLock():
                return job_writes.free_lock(write, table)
            case writes.SaveLastSuccess():
                return job_writes.save_last_success(write, table)
            case writes.PutChange():
                return change_items.put_change(write.change, table, self.retention_days)

    def _of_schedules(
        self,
        write: writes.PutSchedule
        | writes.DropSchedule
        | writes.CountSchedule
        | writes.CheckedUntil
        | writes.PutFire
        | writes.FireDone
        | writes.CountEnded,
        table: str,
    ) -> Sequence[Operation]:
        match write:
            case writes.PutSchedule():
                return schedule_writes.put_schedule(write, table)
            case writes.DropSchedule():
                return schedule_writes.drop_schedule(write, table)
            case writes.CountSchedule():
                return schedule_writes.count_schedule(write, table)
            case writes.CheckedUntil():
                return schedule_writes.checked_until(write, table)
            case writes.PutFire():
                return schedule_writes.put_fire(write, table, self.retention_days)
            case writes.FireDone():
                return schedule_writes.fire_done(write, table)
            case writes.CountEnded():
                return tallies.count_ended(write, table)
