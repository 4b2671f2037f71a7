"""Small words of English for describing schedules."""

from collections.abc import Sequence
from itertools import pairwise


def joined(words: Sequence[str]) -> str:
    """Join words as English does: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ordinal(number: int) -> str:
    """Return "1st", "2nd", "3rd", "11th"."""
    suffix = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def every(step: int, unit: str) -> str:
    """Return "every minute", "every 5 minutes"."""
    return f"every {unit}" if step == 1 else f"every {step} {unit}s"


def even_step(values: tuple[int, ...]) -> int:
    """Return the distance between neighbours where it is one and the same, else 0."""
    distances = {later - earlier for earlier, later in pairwise(values)}
    return distances.pop() if len(distances) == 1 else 0
