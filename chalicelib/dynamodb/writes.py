"""Every write of the domain as the operations that carry it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.dynamodb import changes, executions, fire_pages, jobs, schedules, tallies
from chalicelib.dynamodb.operations import Operation
from chalicelib.dynamodb.tables import Tables
from jobhook.core.executions import writes


@dataclass(frozen=True, slots=True)
class Translator:
    """Knows the tables, and for how many days they keep ended executions, fires and changes."""

    tables: Tables
    retention_days: int

    def operations(self, write: writes.Write) -> Sequence[Operation]:
        """The operations of a write: one, or several that only together are the write."""
        match write:
            case writes.PutExecution():
                return executions.put_execution(write, self.tables.executions, self.retention_days)
            case writes.MarkReported():
                return executions.mark_reported(write, self.tables.executions)
            case writes.PutPage():
                return fire_pages.put_page(write, self.tables.schedules, self.retention_days)
            case writes.DropPage():
                return fire_pages.drop_page(write, self.tables.schedules)
            case writes.CountStarted():
                return fire_pages.count_started(write, self.tables.schedules)
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
                return jobs.put_job(write, table)
            case writes.DropJob():
                return jobs.drop_job(write, table)
            case writes.CountService():
                return jobs.count_service(write, table)
            case writes.TakeLock():
                return jobs.take_lock(write, table)
            case writes.FreeLock():
                return jobs.free_lock(write, table)
            case writes.SaveLastSuccess():
                return jobs.save_last_success(write, table)
            case writes.PutChange():
                return changes.put_change(write.change, table, self.retention_days)

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
                return schedules.put_schedule(write, table)
            case writes.DropSchedule():
                return schedules.drop_schedule(write, table)
            case writes.CountSchedule():
                return schedules.count_schedule(write, table)
            case writes.CheckedUntil():
                return schedules.checked_until(write, table)
            case writes.PutFire():
                return schedules.put_fire(write, table, self.retention_days)
            case writes.FireDone():
                return schedules.fire_done(write, table)
            case writes.CountEnded():
                return tallies.count_ended(write, table)
