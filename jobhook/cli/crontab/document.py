"""Imported jobs as a file for `jobhook apply`, each below the line that it came from."""

from collections.abc import Iterable
from textwrap import indent

from jobhook.cli.crontab.crontab import ImportedJob
from jobhook.cli.files.yaml_text import write_yaml
from jobhook.cli.output.escape import plain


def job_file(source: str, service: str, target: str, ttl_seconds: int, jobs: Iterable[ImportedJob]) -> str:
    """The file's text. `{job}` in `target` stands for the job's name."""
    head = f"# From {plain(source)}, by jobhook import crontab. Times are UTC.\n" + write_yaml({"service": service})
    blocks = [_block(job, target.replace("{job}", job.name), ttl_seconds) for job in jobs]
    return head + ("jobs:\n" + "".join(blocks) if blocks else "jobs: {}\n")


def _block(job: ImportedJob, target: str, ttl_seconds: int) -> str:
    body = {
        "schedule": job.schedule,
        "invocation_target": target,
        "ttl_seconds": ttl_seconds,
        "payload": job.command,
    }
    line = f"# line {job.entry.number}: {plain(job.entry.text)}\n"
    return indent(line + write_yaml({job.name: body}), "  ")
