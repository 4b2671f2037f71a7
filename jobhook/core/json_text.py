"""JSON as text, in the one form that Jobhook writes: compact, with every character as itself."""

import json

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def compact(value: object) -> str:
    """`value` as JSON without spaces. Raises TypeError for what JSON cannot hold."""
    return _ENCODER.encode(value)
