"""The memory of each function, chosen from what `make bench-memory` measures at its largest real work.

The rule: the smallest of `SIZES_MB` that is at least `TIMES_PEAK` times the peak, as Lambda's runtime and other inputs
come on top, and whose share of a CPU lets a cold start with its first call end in time. docs/aws.md has the figures.
"""

SIZES_MB = (256, 512, 1_024, 1_769)
CPU_MB = 1_769
"""At which Lambda gives a function one CPU; below, a share in proportion (AWS's "Configure Lambda function memory")."""
TIMES_PEAK = 2

COLD_SECONDS = {
    "api_handler": 1.0,  # a caller waits
    "dispatch": 1.5,  # with the next, how late a webhook is
    "invoke": 1.5,
    "start_page": 4.0,  # five pages, 500 starts
    "record_failure": 1.5,
    "reconcile": 1.5,
}
"""Within which a cold start with the first call is to end, by Chalice's name of the function."""

MEMORY_MB = {
    "api_handler": 1_024,
    "dispatch": 512,
    "invoke": 512,
    "start_page": 512,
    "record_failure": 512,
    "reconcile": 512,
}


def cold_seconds(cpu_seconds: float, memory_mb: int) -> float:
    """How long so much work of one CPU takes where the memory brings only a share of it."""
    return cpu_seconds / min(1.0, memory_mb / CPU_MB)


def least_memory_mb(function: str, peak_mb: float, cpu_seconds: float) -> int:
    """What the rule asks for; the largest size where none is enough."""
    fitting = (
        size
        for size in SIZES_MB
        if size >= TIMES_PEAK * peak_mb and cold_seconds(cpu_seconds, size) <= COLD_SECONDS[function]
    )
    return next(fitting, SIZES_MB[-1])
