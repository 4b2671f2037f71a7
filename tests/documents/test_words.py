"""The words and rules of the documents are those of the core, which the documents cannot import."""

from enum import StrEnum
from typing import get_args

import pytest

from jobhook.api.bodies.job import JobBody, NotifyBody
from jobhook.core.executions.execution import OPEN, Status, Trigger
from jobhook.core.executions.stats import Dimension
from jobhook.core.identities import MAX_NAME_LENGTH, NAME_PATTERN
from jobhook.core.jobs.audit import Action
from jobhook.core.jobs.job import default_timeout_seconds
from jobhook.core.jobs.overlap import Overlap
from jobhook.core.notifications.policy import Delivery, Event, Format
from jobhook.core.schedules.rows import FireState, RuleState
from jobhook.documents import kinds, settings
from jobhook.documents.annotations import Field


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (kinds.Status, Status),
        (kinds.Trigger, Trigger),
        (kinds.Overlap, Overlap),
        (kinds.Event, Event),
        (kinds.Format, Format),
        (kinds.Delivery, Delivery),
        (kinds.Action, Action),
        (kinds.Dimension, Dimension),
        (kinds.RuleState, RuleState),
        (kinds.FireState, FireState),
    ],
)
def test_each_word_of_the_core_is_one_of_the_documents(words: object, enum: type[StrEnum]) -> None:
    assert get_args(words) == tuple(member.value for member in enum)


def test_names_and_open_statuses_have_the_rules_of_the_core() -> None:
    assert kinds.ACTIVE == OPEN
    assert get_args(kinds.Name)[1] == Field(pattern=f"^{NAME_PATTERN}$", max_length=MAX_NAME_LENGTH)


def test_the_defaults_of_settings_are_those_of_a_body() -> None:
    bodies = {field.alias or name: field for name, field in JobBody.model_fields.items()}
    assert {name: field.get_default() for name, field in bodies.items() if not field.is_required()} == settings.DEFAULTS
    for ttl_seconds in (1, 43_199, 43_200, 43_201, 1_296_000):
        assert settings.default_timeout_seconds(ttl_seconds) == default_timeout_seconds(ttl_seconds)
    notify = {name: field.get_default() for name, field in NotifyBody.model_fields.items() if not field.is_required()}
    assert notify == settings.NOTIFY_DEFAULTS
