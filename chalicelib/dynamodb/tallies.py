"""Counters of ended executions in the table of schedules, and counts of open executions from the index by status.

The counts of a service and a day are spread over several items, so that executions that end at the same moment seldom
write to the same item: DynamoDB refuses a transaction on an item that another transaction holds.
"""

from collections import Counter
from collections.abc import Sequence

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, number, text
from chalicelib.dynamodb.executions import key_of
from chalicelib.dynamodb.operations import Operation, Update
from chalicelib.dynamodb.reading import Reader
from chalicelib.dynamodb.tables import BY_STATUS, Tables
from jobhook.core.executions.execution import OPEN, Status
from jobhook.core.executions.stats import OpenTallies, Tally, day_of
from jobhook.core.executions.writes import CountEnded

_ENDS = sorted(set(Status) - OPEN)


def count_ended(write: CountEnded, table: str) -> list[Operation]:
    """One more in the shard of the execution; the item is made with its first count, and stays."""
    place = keys.tally_place(day_of(write.key.scheduled_time_ms), write.service_name)
    key = attributes({"pk": keys.tally_partition(keys.tally_shard_of(write.key.id)), "sk": place})
    return [Update(table, key, f"ADD #{write.status.value} :one", None, attributes({":one": 1}))]


class TallyReads:
    """Counts, read."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self._reader = reader
        self._tables = tables

    def ended(self, since_day: str, until_day: str) -> Sequence[Tally]:
        """One query a shard, and one more for each megabyte: some 6,000 pairs of a day and a service."""
        return [tally for shard in range(keys.TALLY_SHARDS) for tally in self._of_shard(shard, since_day, until_day)]

    def open(self, since_ms: int, until_ms: int) -> OpenTallies:
        """One query for each open status and shard; a megabyte, some 1,500 executions, ends each."""
        counts: Counter[tuple[str, str, str]] = Counter()
        complete = True
        for status in sorted(OPEN):
            for partition in keys.shards(status):
                page = self._reader.query(
                    self._tables.executions,
                    BY_STATUS.name,
                    "#status_pk = :partition AND #place BETWEEN :low AND :high",
                    {"partition": partition, "low": keys.padded(since_ms), "high": keys.padded(until_ms) + keys.LAST},
                )
                complete = complete and page.more is None
                counts.update(
                    (day_of(key_of(item).scheduled_time_ms), text(item, "service_name"), status.value)
                    for item in page.items
                )
        return OpenTallies([Tally(*kind, count) for kind, count in sorted(counts.items())], complete)

    def _of_shard(self, shard: int, since_day: str, until_day: str) -> list[Tally]:
        tallies: list[Tally] = []
        after = since_day
        while True:
            values = {"partition": keys.tally_partition(shard), "after": after, "until": until_day + keys.LAST}
            page = self._reader.query(
                self._tables.schedules, None, "#pk = :partition AND #sk BETWEEN :after AND :until", values
            )
            for item in page.items:
                day, service_name = keys.tally_of(text(item, "sk"))
                tallies += [Tally(day, service_name, end, number(item, end)) for end in _ENDS if end in item]
            if page.more is None:
                return tallies
            after = text(page.more, "sk") + keys.FIRST  # the next that can be
