"""How people say and see whom a job tells of the ends of its executions.

The URL of a chat is a secret, so only its host is shown to people; `--json` and `export` have all of it.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jobhook.cli.output.printing import moment
from jobhook.documents.settings import NOTIFY_DEFAULTS

if TYPE_CHECKING:
    from jobhook.documents.executions import Notification


def notify_field(target: str | None, on: Iterable[str] | None, form: str | None) -> dict[str, Any]:
    """What the options say of `notify`, without what is left out; `on` may have several in one, with commas between."""
    events = [event.strip() for several in on or () for event in several.split(",")]
    said = {"target": target, "on": events or None, "format": form}
    return {name: value for name, value in said.items() if value is not None}


def policy_text(policy: object) -> str:
    """Whom, of what, and in which form if it is not the usual one; `null` where there is no policy."""
    if not isinstance(policy, Mapping):
        return "null"
    events = ", ".join(policy.get("on", NOTIFY_DEFAULTS["on"]))
    form = policy.get("format", "json")
    return f"{_host(policy['target'])} of {events}" + ("" if form == "json" else f", as {form} takes it")


def change_text(old: object, new: object) -> str:
    """Whom before and whom now; the difference may lie in what is not shown."""
    before, now = policy_text(old), policy_text(new)
    return f"another URL at {now}" if before == now else f"{before} -> {now}"


def notification_text(notification: "Notification") -> str:
    """What became of telling an end."""
    answer = notification["error"] or (notification["http_status"] and f"HTTP {notification['http_status']}")
    tried = f"{notification['attempts']} attempt{'' if notification['attempts'] == 1 else 's'}"
    after = f"{tried}: {answer}" if notification["attempts"] and answer else tried
    standing = {
        "delivered": f"delivered {moment(notification['delivered_at_ms'])} UTC",
        "pending": f"pending, next attempt {moment(notification['next_attempt_at_ms'])} UTC",
        "failed": "given up",
    }
    return f"of {notification['event']}: {standing[notification['status']]} ({after})"


def _host(url: str) -> str:
    parts = urlsplit(url)
    whole = parts.path in ("", "/") and not parts.query
    return url if whole else f"{parts.scheme}://{parts.netloc}/..."
