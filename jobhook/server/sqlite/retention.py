"""Forgets what is older than the history is kept, a bounded piece at a time. (DynamoDB does it by TTL.)"""

import sqlite3


def forget(connection: sqlite3.Connection, before_ms: int, now_ms: int, limit: int) -> int:
    """Remove at most `limit` ended executions and changes, and as many fires of each schedule, of before that instant.

    Executions of a job with a retention of its own go by that, at most `limit` of them as well. What is open stays,
    however old. Returns how many rows went; none means that none is left.
    """
    executions = connection.execute(
        "DELETE FROM executions WHERE rowid IN (SELECT rowid FROM executions INDEXED BY executions_by_time "
        "WHERE scheduled_time_ms < ? AND retention_days IS NULL AND ended_at_ms IS NOT NULL "
        "ORDER BY scheduled_time_ms LIMIT ?)",
        (before_ms, limit),
    ).rowcount
    kept = connection.execute(
        "DELETE FROM executions WHERE rowid IN (SELECT rowid FROM executions INDEXED BY executions_kept "
        "WHERE retention_days IS NOT NULL AND scheduled_time_ms + retention_days * 86400000 < ? "
        "AND ended_at_ms IS NOT NULL LIMIT ?)",
        (now_ms, limit),
    ).rowcount
    changes = connection.execute(
        "DELETE FROM changes WHERE rowid IN (SELECT rowid FROM changes WHERE at_ms < ? ORDER BY at_ms LIMIT ?)",
        (before_ms, limit),
    ).rowcount
    fires = sum(_forget_fires(connection, expression, before_ms, limit) for expression in _expressions(connection))
    return executions + kept + fires + changes


def _forget_fires(connection: sqlite3.Connection, expression: str, before_ms: int, limit: int) -> int:
    return connection.execute(
        "DELETE FROM fires WHERE (expression, scheduled_time_ms) IN (SELECT expression, scheduled_time_ms FROM fires "
        "WHERE expression = ? AND scheduled_time_ms < ? AND until_ms < ? AND state <> 'open' LIMIT ?)",
        (expression, before_ms, before_ms, limit),
    ).rowcount


def _expressions(connection: sqlite3.Connection) -> list[str]:
    """Every expression that has fires, those whose jobs are gone too; a seek in the index for each."""
    found: list[str] = []
    while True:
        (expression,) = connection.execute(
            "SELECT min(expression) FROM fires WHERE expression > ?", (found[-1] if found else "",)
        ).fetchone()
        if expression is None:
            return found
        found.append(expression)
