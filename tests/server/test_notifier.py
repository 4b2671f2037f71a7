"""The one machine's notifier: sends as soon as an end is stored, takes up what an earlier process left, and waits for
nobody who hangs.
"""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.executions.writes import PutExecution
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import JobSettings
from jobhook.core.notifications.policy import BACKOFF_MS, LEASE_MS, Delivery, Event, Notification, NotificationPolicy
from jobhook.core.targets.answer import Answer
from jobhook.server.sqlite.apply import apply
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.delete_job import delete_job
from tests.fakes.ports import Answering, CountingIds, FakeClock
from tests.server.one_machine import EVERY_MINUTE, PLAIN, World, one_machine

CHAT = "https://chat.example.com/x"


def notifying(target: str = CHAT, *events: Event) -> JobSettings:
    policy = NotificationPolicy(target, events) if events else NotificationPolicy(target)
    return replace(PLAIN, notify=policy)


def reported(world: World, url: str = CHAT) -> list[str]:
    """The ids of what a target was sent."""
    return [str(json.loads(body)["id"]) for to, body in world.webhooks.posts if to == url]


async def failed(world: World, name: str = "nightly", settings: JobSettings | None = None) -> ExecutionKey:
    """A run that has failed."""
    key = await world.started(name, settings or notifying())
    await world.call_back(world.callback_of(key), "fail")
    return key


async def notification(world: World, key: ExecutionKey) -> Notification:
    found = (await world.execution(key)).notification
    assert found is not None
    return found


async def settled(world: World) -> None:
    """What is due by the clock now is sent."""
    world.notifier.fire_timers()
    await world.notifier.idle()


async def test_an_end_is_told_as_soon_as_it_is_stored(world: World) -> None:
    await world.notifier.start(world.backend)
    key = await failed(world)
    await settled(world)
    assert reported(world) == [f"{key.id}:failed"]
    assert (await notification(world, key)).status is Delivery.DELIVERED
    await settled(world)
    world.clock.advance(LEASE_MS / 1_000)
    await settled(world)
    assert len(reported(world)) == 1


async def test_a_timeout_and_what_was_missed_are_told_too(world: World) -> None:
    await world.notifier.start(world.backend)
    key = await world.started("slow", notifying(CHAT, Event.TIMED_OUT, Event.MISSED))
    await world.pass_time(61)
    await settled(world)
    assert reported(world) == [f"{key.id}:timed_out"]
    world.clock.advance(120)
    row = await world.store.read_schedule(EVERY_MINUTE)
    assert row is not None
    await catch_up(world.backend, row, world.clock.now_ms())
    await settled(world)
    assert [one.rpartition(":")[2] for one in reported(world)][1:] == ["missed"] * (len(reported(world)) - 1)
    assert len(reported(world)) > 1


async def test_a_target_that_does_not_take_it_is_tried_again_when_it_is_due(world: World) -> None:
    await world.notifier.start(world.backend)
    key = await failed(world)
    world.webhooks.answers.extend([Answer(500), Answer(None, error="could not connect")])
    await settled(world)
    for waited_ms in BACKOFF_MS[:2]:
        world.clock.time_ms += waited_ms - 1
        await settled(world)
        assert (await notification(world, key)).status is Delivery.PENDING
        world.clock.time_ms += 1
        await settled(world)
    assert (await notification(world, key)).status is Delivery.DELIVERED
    assert reported(world) == [f"{key.id}:failed"] * 3


async def test_what_an_earlier_process_left_is_taken_up_when_it_is_due(tmp_path: Path) -> None:
    clock, ids = FakeClock(1_795_248_000_000), CountingIds()
    async with one_machine(tmp_path / "jobhook.db", clock=clock, ids=ids) as first:
        key = await failed(first)  # and dies before it sends anything
    async with one_machine(tmp_path / "jobhook.db", clock=clock, ids=ids) as second:
        await second.notifier.start(second.backend)
        second.webhooks.answers.append(Answer(500))
        await settled(second)
    async with one_machine(tmp_path / "jobhook.db", clock=clock, ids=ids) as third:
        await third.notifier.start(third.backend)
        await settled(third)
        assert reported(third) == []
        clock.time_ms += BACKOFF_MS[0]
        await settled(third)
        assert reported(third) == [f"{key.id}:failed"]
        assert (await notification(third, key)).attempts == 2


class Hanging:
    """Targets under `hosts` give no answer until they are let go."""

    def __init__(self, *hosts: str) -> None:
        self._hosts = hosts
        self._waiting = 0
        self.most = 0
        self.arrived = asyncio.Event()
        self.another_answered = asyncio.Event()
        self.let_go = asyncio.Event()

    async def answer(self, url: str, body: bytes) -> Answer:
        if any(host in url for host in self._hosts):
            self._waiting += 1
            self.most = max(self.most, self._waiting)
            self.arrived.set()
            await self.let_go.wait()
            self._waiting -= 1
            return Answer(None, error="no whole answer within 10 s")
        self.another_answered.set()
        return Answer(200)

    def answers(self, count: int) -> list[Answering]:
        return [self.answer] * count


async def test_a_target_that_hangs_holds_up_no_other_and_takes_few_at_once(world: World) -> None:
    keys = [await failed(world, f"h{number}", notifying("https://hangs.example.com/")) for number in range(9)]
    other = await failed(world, "other")
    hanging = Hanging("hangs.example.com")
    world.webhooks.answers.extend(hanging.answers(20))
    await world.notifier.start(world.backend)
    world.notifier.fire_timers()
    await hanging.another_answered.wait()
    hanging.let_go.set()
    await world.notifier.idle()
    assert hanging.most == 4
    assert (await notification(world, other)).status is Delivery.DELIVERED
    assert {(await notification(world, key)).attempts for key in keys} == {1}


async def test_a_stop_sends_no_more_and_lets_what_is_under_way_finish(world: World) -> None:
    await world.notifier.start(world.backend)
    hanging = Hanging("chat.example.com")
    key = await failed(world)
    world.webhooks.answers.extend(hanging.answers(2))
    world.notifier.fire_timers()
    await hanging.arrived.wait()
    stopping = asyncio.create_task(world.notifier.stop(within_seconds=5))
    await asyncio.sleep(0)
    later = await failed(world, "later")
    hanging.let_go.set()
    await stopping
    assert (await notification(world, key)).error == "no whole answer within 10 s"
    assert (await notification(world, later)).attempts == 0


async def test_a_fault_of_ours_is_logged_and_the_notification_is_not_forgotten(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.notifier.start(world.backend)

    async def break_down(url: str, body: bytes) -> Answer:
        raise Unavailable("no room")

    key = await failed(world)
    world.webhooks.answers.append(break_down)
    await settled(world)
    assert "is tried again" in caplog.text
    assert CHAT not in caplog.text
    world.clock.time_ms += LEASE_MS
    await settled(world)
    assert (await notification(world, key)).status is Delivery.DELIVERED


async def test_a_job_that_is_gone_ends_it(world: World) -> None:
    key = await failed(world)
    await delete_job(world.backend, "reports", "nightly")
    await world.notifier.start(world.backend)
    await settled(world)
    assert (await notification(world, key)).status is Delivery.FAILED
    assert not reported(world)


async def test_what_no_timer_was_set_for_is_found_by_the_house_keeping(world: World) -> None:
    key = await failed(world)
    await world.notifier.start(world.backend)
    await settled(world)
    record = await world.execution(key)
    again = replace(record, notification=Notification(Event.FAILED, next_at_ms=world.clock.now_ms()))
    forgotten = PutExecution(replace(again, revision=record.revision + 1), record.revision)
    await world.database.write(lambda connection: apply(connection, [forgotten]))
    world.clock.time_ms += LEASE_MS + 1
    await settled(world)
    assert len(reported(world)) == 1
    await world.notifier.take_up_forgotten()
    await settled(world)
    assert len(reported(world)) == 2


async def test_the_house_keeping_leaves_what_waits_for_its_turn(world: World) -> None:
    keys = [await failed(world, f"h{number}", notifying("https://hangs.example.com/")) for number in range(6)]
    hanging = Hanging("hangs.example.com")
    world.webhooks.answers.extend(hanging.answers(20))
    await world.notifier.start(world.backend)
    world.notifier.fire_timers()
    await hanging.arrived.wait()
    world.clock.time_ms += LEASE_MS + 1
    await world.notifier.take_up_forgotten()
    world.notifier.fire_timers()
    hanging.let_go.set()
    await world.notifier.idle()
    assert {(await notification(world, key)).attempts for key in keys} == {1}
