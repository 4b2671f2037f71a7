"""What a run does while another execution holds its job's lock."""

import pytest

from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.overlap import Holder, Overlap, Overlapping, decide_overlap, overlap_rule

KEY = ExecutionKey("00000000-0000-5000-8000-000000000000", "i00000000001", 1_795_248_060_000)
RUNNING, ENDED = Holder(KEY, ended=False), Holder(KEY, ended=True)


@pytest.mark.parametrize(
    ("rule", "holder", "decision"),
    [
        (Overlap.ALLOW, None, Overlapping.BEGIN),
        (Overlap.ALLOW, RUNNING, Overlapping.BEGIN),
        (Overlap.ALLOW, ENDED, Overlapping.BEGIN),
        (Overlap.REFUSE, None, Overlapping.BEGIN),
        (Overlap.REFUSE, RUNNING, Overlapping.REFUSE),
        (Overlap.REFUSE, ENDED, Overlapping.FREE_LOCK),
    ],
)
def test_every_rule_meets_every_holder(rule: Overlap, holder: Holder | None, decision: Overlapping) -> None:
    assert decide_overlap(rule, holder) is decision


@pytest.mark.parametrize(
    ("exclusive", "requested", "rule"),
    [
        (False, None, Overlap.ALLOW),
        (True, None, Overlap.REFUSE),
        (True, Overlap.ALLOW, Overlap.ALLOW),
        (True, Overlap.REFUSE, Overlap.REFUSE),
    ],
)
def test_a_request_replaces_the_rule_of_its_job(exclusive: bool, requested: Overlap | None, rule: Overlap) -> None:
    assert overlap_rule(exclusive, requested) is rule
