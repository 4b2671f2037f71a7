"""A job's name from a command: the program that does the work, not what is tested before it."""

import re

from jobhook.core.identities import is_name

_SEPARATORS = re.compile(r"&&|\|\||[;|(){}&]")
_BEFORE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*|-.*|[0-9]+[smhd]?")  # assignments, options and their numbers
_SCRIPT = re.compile(r"\.(sh|bash|py|pl|rb|php|js)$")
_PREPARES = frozenset(
    {"test", "[", "[[", "cd", "sleep", "fi", "done", "true", ":", "set", "export", "umask", "for", "."}
)
_LEADS_IN = frozenset(
    {"if", "then", "else", "do", "!", "exec", "nice", "ionice", "nohup", "env", "sudo", "chronic", "timeout"}
)
_INTERPRETERS = re.compile(r"(ba|da|z|k)?sh|python[0-9.]*|perl|php[0-9.]*|ruby|node|run-parts")
_LONGEST = 56  # room for a number behind it


def job_name(command: str) -> str | None:
    """A name for the job that runs this command; None where nothing in it makes one."""
    for segment in _SEPARATORS.split(command):
        name = _slug(_program(segment.split()))
        if name is not None:
            return name
    return None


def _program(words: list[str]) -> str:
    while words and (words[0] in _LEADS_IN or _BEFORE.fullmatch(words[0])):
        words = words[1:]
    if not words or words[0] in _PREPARES or words[:2] == ["command", "-v"]:
        return ""
    if _INTERPRETERS.fullmatch(words[0].rpartition("/")[2]):
        scripts = [word for word in words[1:] if not word.startswith("-")]
        return scripts[0] if scripts else words[0]
    return words[0]


def _slug(program: str) -> str | None:
    file = _SCRIPT.sub("", program.rstrip("/").rpartition("/")[2])
    slug = re.sub(r"[^a-z0-9]+", "-", file.lower())[:_LONGEST].strip("-")
    return slug if is_name(slug) else None
