"""Each form of a dead letter is known, and nothing else is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.template.functions import DISPATCH as DISPATCH_FUNCTION
from infra.template.functions import RECONCILE as RECONCILE_FUNCTION
from infra.template.names import STAGE as INFRA_STAGE
from infra.template.names import Names
from infra.template.queues import DEAD_LETTERS, START_QUEUE
from jobhook.cli.tools.dead_letters.letters import Kind, Letter, read_letter
from jobhook.cli.tools.dead_letters.names import DISPATCH, RECONCILE, STAGE, STARTS, DeadQueue, name_of
from tests.cli.tools.dead_letters import letters

UNKNOWN = Letter(Kind.UNKNOWN, None, "")


def test_the_names_are_those_of_the_template() -> None:
    assert {queue.value for queue in DeadQueue} == {queue.role for queue in DEAD_LETTERS}
    assert (START_QUEUE.role, DISPATCH_FUNCTION.name, RECONCILE_FUNCTION.name) == (STARTS, DISPATCH, RECONCILE)
    assert name_of("prod", "starts") == Names("prod").of("starts")
    assert name_of("prod", "rule-") == Names("prod").rule_prefix
    assert STAGE.pattern == INFRA_STAGE.pattern


def test_a_page_goes_back_as_it_is() -> None:
    assert read_letter("prod", DeadQueue.STARTS, letters.PAGE) == Letter(Kind.PAGE, STARTS, letters.PAGE)


@pytest.mark.parametrize(
    ("queue", "body", "kind", "to", "event"),
    [
        (DeadQueue.DISPATCH, letters.failed(letters.FIRE), Kind.FIRE, DISPATCH, letters.FIRE),
        (DeadQueue.RECONCILE, letters.failed(letters.RECONCILE), Kind.RECONCILE, RECONCILE, letters.RECONCILE),
        (DeadQueue.RECONCILE, letters.failed(letters.RUN_ENDED), Kind.RUN_ENDED, RECONCILE, letters.RUN_ENDED),
        (DeadQueue.RULES, json.dumps(letters.FIRE), Kind.FIRE, DISPATCH, letters.FIRE),
        (DeadQueue.RULES, json.dumps(letters.RECONCILE), Kind.RECONCILE, RECONCILE, letters.RECONCILE),
        (DeadQueue.RULES, json.dumps(letters.RUN_ENDED), Kind.RUN_ENDED, RECONCILE, letters.RUN_ENDED),
    ],
)
def test_an_event_goes_to_its_function_as_it_was(
    queue: DeadQueue, body: str, kind: Kind, to: str, event: object
) -> None:
    letter = read_letter("prod", queue, body)
    assert (letter.kind, letter.to, json.loads(letter.body)) == (kind, to, event)
    assert letters.SECRET not in repr(letter)


@pytest.mark.parametrize(
    ("queue", "body"),
    [
        (DeadQueue.STARTS, json.dumps(letters.FIRE)),
        (DeadQueue.DISPATCH, json.dumps(letters.FIRE)),
        (DeadQueue.DISPATCH, letters.failed(letters.RECONCILE)),
        (DeadQueue.RECONCILE, letters.failed(letters.FIRE)),
        (DeadQueue.RULES, letters.failed(letters.FIRE)),
        (DeadQueue.RULES, json.dumps({**letters.FIRE, "resources": [f"{letters.RULE}jobhook-beta-rule-0-i"]})),
        (DeadQueue.RULES, json.dumps({**letters.FIRE, "resources": []})),
    ],
)
def test_what_came_another_way_or_from_another_stage_is_unknown(queue: DeadQueue, body: str) -> None:
    assert read_letter("prod", queue, body) == UNKNOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["requestPayload", "resources", "detail-type", "expression", "runs", "after", "started"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(list(DeadQueue)), st.text() | JSON.map(json.dumps))
def test_whatever_lies_there_is_read_without_an_error(queue: DeadQueue, body: str) -> None:
    assert read_letter("prod", queue, body) == UNKNOWN
