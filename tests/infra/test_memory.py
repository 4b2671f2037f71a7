"""The functions' memory follows from a rule, and the document tells of the figures that it was applied to."""

import re
from pathlib import Path

import pytest

from infra.template.functions import FUNCTIONS
from infra.template.memory import MEMORY_MB, SIZES_MB, cold_seconds, least_memory_mb
from tests.infra.reading import properties

DOCUMENT = Path(__file__).parents[2] / "docs" / "aws.md"
ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \| ([\d.]+) \|", re.MULTILINE)


def test_every_function_has_its_memory() -> None:
    assert {function.name: properties(function.logical_id)["MemorySize"] for function in FUNCTIONS} == MEMORY_MB


def test_the_settings_follow_by_the_rule_from_what_the_document_says_was_measured() -> None:
    measured = {name: figures for name, *figures in ROW.findall(DOCUMENT.read_text())}
    assert set(measured) == set(MEMORY_MB)
    for name, (peak_mb, cold_s, _, setting_mb, there_s) in measured.items():
        assert least_memory_mb(name, float(peak_mb), float(cold_s)) == MEMORY_MB[name] == int(setting_mb)
        assert cold_seconds(float(cold_s), MEMORY_MB[name]) == pytest.approx(float(there_s), abs=0.05)


def test_a_large_peak_or_a_slow_start_asks_for_more() -> None:
    assert least_memory_mb("invoke", 50, 0.1) == 256
    assert least_memory_mb("invoke", 129, 0.1) == 512
    assert least_memory_mb("invoke", 50, 0.5) == 1_024
    assert least_memory_mb("invoke", 50, 5) == SIZES_MB[-1]
