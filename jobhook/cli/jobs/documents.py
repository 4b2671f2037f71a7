"""A document of a job file: a service, what its jobs have in common, and the jobs."""

from collections.abc import Mapping
from difflib import get_close_matches

_KEYS = ("service", "defaults", "jobs")
_WHEN = frozenset({"schedule", "schedules"})


def service_jobs(document: object, problems: list[str]) -> tuple[str, dict[object, object]]:
    """The service, and its jobs by their names, each with the defaults under it; what is wrong joins `problems`."""
    if not isinstance(document, dict):
        problems.append("a document must be a mapping with `service: NAME` and `jobs:`")
        return "", {}
    problems += [_unknown(str(key)) for key in document if key not in _KEYS]
    service, jobs = document.get("service"), document.get("jobs")
    if not isinstance(service, str):
        problems.append("`service` is required: the name of the service that the jobs belong to")
        return "", {}
    if not isinstance(jobs, dict):
        problems.append(f"{service}: `jobs` is required: a mapping of names to jobs ({{}} for none)")
        return service, {}
    defaults = document.get("defaults", {})
    if not isinstance(defaults, dict):
        problems.append(f"{service}: `defaults` must be a mapping of fields that its jobs have in common")
        return service, {}
    return service, {name: _over(defaults, body) for name, body in jobs.items()}


def _unknown(key: str) -> str:
    (meant,) = get_close_matches(key, _KEYS, n=1) or [""]
    advice = f"did you mean `{meant}`?" if meant else f"only {', '.join(f'`{known}`' for known in _KEYS)} are known"
    return f"{key}: {advice}"


def _over(defaults: Mapping[object, object], body: object) -> object:
    """The job with the defaults under it; one that says when it runs takes no part of that from them."""
    if not isinstance(body, dict):
        return body
    own = body.keys() | (_WHEN if _WHEN & body.keys() else frozenset())
    return body | {name: value for name, value in defaults.items() if name not in own}
