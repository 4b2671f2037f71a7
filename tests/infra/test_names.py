import pytest

from infra.template.names import InvalidStage, Names
from tests.infra.reading import resources

MAX_PREFIX = 31
"""docs/storage.md: a rule's name has 64 characters, 33 of which are the suffix."""


@pytest.mark.parametrize("stage", ["", "Prod", "eu-west", "a" * 15, "1st", "a_b", "prod\n"])
def test_a_name_that_could_be_mistaken_is_refused(stage: str) -> None:
    with pytest.raises(InvalidStage):
        Names(stage)


def test_the_longest_stage_leaves_room_for_a_rules_suffix() -> None:
    assert len(Names("a" * 14).rule_prefix) <= MAX_PREFIX


@pytest.mark.parametrize("other", ["prod2", "pro", "prodrule", "p"])
def test_no_stage_takes_anothers_rules_for_its_own(other: str) -> None:
    assert not Names(other).rule_prefix.startswith(Names("prod").rule_prefix)
    assert not Names("prod").rule_prefix.startswith(Names(other).rule_prefix)


def test_the_reconciler_does_not_take_the_stacks_own_rules_for_forgotten_ones() -> None:
    """It removes every rule under the prefix that no schedule has."""
    rules = resources("AWS::Events::Rule")
    assert len(rules) == 2
    for rule in rules.values():
        properties = rule["Properties"]
        assert isinstance(properties, dict)
        assert properties["Name"].startswith("jobhook-prod-")
        assert not properties["Name"].startswith(Names("prod").rule_prefix)
