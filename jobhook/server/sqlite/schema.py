"""The tables of one machine, and the indexes that serve each listing (docs/storage.md names them)."""

import sqlite3

_TABLES = """
CREATE TABLE jobs (
    guid TEXT PRIMARY KEY,
    service_name TEXT NOT NULL,
    job_name TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    schedule TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    ttl_seconds INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    effective_from_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    exclusive INTEGER NOT NULL,
    invocation_target TEXT NOT NULL,
    invocation_type TEXT NOT NULL,
    last_success_ms INTEGER,
    last_success TEXT,
    state_schema TEXT,
    payload TEXT
);
CREATE UNIQUE INDEX jobs_by_name ON jobs (service_name, job_name);
CREATE INDEX jobs_by_schedule ON jobs (schedule, guid) WHERE enabled = 1;

CREATE TABLE services (service_name TEXT PRIMARY KEY, jobs INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE locks (
    guid TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    scheduled_time_ms INTEGER NOT NULL,
    taken_at_ms INTEGER NOT NULL,
    PRIMARY KEY (guid, incarnation)
) WITHOUT ROWID;
CREATE INDEX locks_by_age ON locks (taken_at_ms);

CREATE TABLE schedules (
    expression TEXT PRIMARY KEY,
    generation TEXT NOT NULL,
    rule_suffix TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    checked_until_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE fires (
    expression TEXT NOT NULL,
    scheduled_time_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    count INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (expression, scheduled_time_ms)
) WITHOUT ROWID;
CREATE INDEX fires_open ON fires (created_at_ms) WHERE state = 'open';

CREATE TABLE executions (
    guid TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    scheduled_time_ms INTEGER NOT NULL,
    service_name TEXT NOT NULL,
    job_name TEXT NOT NULL,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL,
    ttl_seconds INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    workflow_told INTEGER NOT NULL,
    holds_lock INTEGER NOT NULL,
    invocation_target TEXT NOT NULL,
    reason TEXT,
    started_at_ms INTEGER,
    service_invoked_at_ms INTEGER,
    ended_at_ms INTEGER,
    expires_at_ms INTEGER,
    timeout_at_ms INTEGER,
    invocation_latency_ms INTEGER,
    summary TEXT,
    correlation_id TEXT,
    error TEXT,
    progress INTEGER,
    task_token TEXT,
    attempts TEXT NOT NULL,
    state_schema TEXT,
    state TEXT,
    payload TEXT,
    PRIMARY KEY (guid, incarnation, scheduled_time_ms)
);
CREATE INDEX executions_by_service ON executions (service_name, scheduled_time_ms, guid, incarnation);
CREATE INDEX executions_by_time ON executions (scheduled_time_ms, guid, incarnation);
CREATE INDEX executions_by_status ON executions (status, scheduled_time_ms, guid, incarnation)
    WHERE status <> 'success';
CREATE INDEX executions_open ON executions (expires_at_ms) WHERE status IN ('pending', 'running');
CREATE INDEX executions_untold ON executions (ended_at_ms) WHERE workflow_told = 0 AND ended_at_ms IS NOT NULL;

CREATE TABLE workflows (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    input TEXT,
    entered_ms INTEGER NOT NULL,
    retries TEXT NOT NULL,
    token TEXT,
    invoking INTEGER NOT NULL,
    heartbeat_deadline_ms INTEGER,
    timeout_deadline_ms INTEGER,
    retry_at_ms INTEGER,
    phase TEXT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    cause TEXT,
    output TEXT
);
CREATE INDEX workflows_failed ON workflows (entered_ms) WHERE status = 'FAILED';
"""


_MIGRATIONS = (
    # 2: executions that a person asked for
    """
    ALTER TABLE executions ADD COLUMN request_trigger TEXT;
    ALTER TABLE executions ADD COLUMN retry_of TEXT;
    ALTER TABLE executions ADD COLUMN retried_by TEXT;
    """,
    # 3: pauses
    "ALTER TABLE jobs ADD COLUMN pause TEXT;",
    # 4: what ended otherwise than by success, by service; runs that succeed are never in it
    """
    CREATE INDEX executions_failed_of_service ON executions (service_name, status, scheduled_time_ms, guid, incarnation)
        WHERE status NOT IN ('success', 'pending', 'running');
    """,
    # 5: what describes a job, its span, and how long its executions are kept. Who clears away reads that of the index,
    # so that it walks over what is kept longer without reading the records.
    """
    ALTER TABLE jobs ADD COLUMN description TEXT;
    ALTER TABLE jobs ADD COLUMN tags TEXT;
    ALTER TABLE jobs ADD COLUMN external_id TEXT;
    ALTER TABLE jobs ADD COLUMN start_at_ms INTEGER;
    ALTER TABLE jobs ADD COLUMN end_at_ms INTEGER;
    ALTER TABLE jobs ADD COLUMN retention_days INTEGER;
    ALTER TABLE executions ADD COLUMN retention_days INTEGER;
    DROP INDEX executions_by_time;
    CREATE INDEX executions_by_time ON executions (scheduled_time_ms, guid, incarnation, retention_days);
    CREATE INDEX executions_kept ON executions (scheduled_time_ms + retention_days * 86400000)
        WHERE retention_days IS NOT NULL;
    """,
    # 6: who made and changed a job
    """
    ALTER TABLE jobs ADD COLUMN created_by TEXT;
    ALTER TABLE jobs ADD COLUMN updated_by TEXT;
    """,
    # 7: the audit trail
    """
    CREATE TABLE changes (
        guid TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        id TEXT NOT NULL,
        service_name TEXT NOT NULL,
        job_name TEXT NOT NULL,
        incarnation TEXT NOT NULL,
        made_by TEXT,
        action TEXT NOT NULL,
        version INTEGER,
        execution_id TEXT,
        details TEXT NOT NULL,
        PRIMARY KEY (guid, at_ms, id)
    );
    CREATE INDEX changes_by_time ON changes (at_ms, id);
    """,
    # 8: counters
    """
    CREATE TABLE tallies (
        day TEXT NOT NULL,
        service_name TEXT NOT NULL,
        status TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (day, service_name, status)
    ) WITHOUT ROWID;
    """,
    # 9: what a test call's response must satisfy
    "ALTER TABLE jobs ADD COLUMN response_schema TEXT;",
    # 10: several schedules; a row for each schedule of each enabled job, by which dispatch finds it
    """
    ALTER TABLE jobs ADD COLUMN more_schedules TEXT;
    CREATE TABLE job_schedules (
        expression TEXT NOT NULL,
        guid TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        PRIMARY KEY (expression, guid)
    ) WITHOUT ROWID;
    CREATE INDEX job_schedules_by_job ON job_schedules (guid);
    INSERT INTO job_schedules SELECT schedule, guid, effective_from_ms FROM jobs WHERE enabled = 1;
    DROP INDEX jobs_by_schedule;
    """,
    # 11: notifications; only those that are to be sent are in the index
    """
    ALTER TABLE jobs ADD COLUMN notify TEXT;
    ALTER TABLE executions ADD COLUMN notify_on TEXT;
    ALTER TABLE executions ADD COLUMN notification TEXT;
    ALTER TABLE executions ADD COLUMN notify_at_ms INTEGER;
    CREATE INDEX executions_to_notify ON executions (notify_at_ms) WHERE notify_at_ms IS NOT NULL;
    """,
    # 12: the pages of large fires, and when a fire last made progress
    """
    ALTER TABLE fires ADD COLUMN progress_at_ms INTEGER;
    CREATE TABLE fire_pages (
        expression TEXT NOT NULL,
        scheduled_time_ms INTEGER NOT NULL,
        name TEXT NOT NULL,
        revision INTEGER NOT NULL,
        page TEXT NOT NULL,
        PRIMARY KEY (expression, scheduled_time_ms, name)
    ) WITHOUT ROWID;
    """,
)
"""What each version changes of the one before it, from 2 on; a new file goes through them as well."""

VERSION = 1 + len(_MIGRATIONS)


class UnknownSchema(Exception):
    """The data was written by another version of Jobhook, which this one cannot read."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables in a new file, and bring an older one up to date; refuse a newer one rather than misread it."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise UnknownSchema(f"the data has schema version {version}, this Jobhook has {VERSION}; install the newer one")
    for step, statements in enumerate((_TABLES, *_MIGRATIONS)[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;{statements}PRAGMA user_version = {step};COMMIT;")
