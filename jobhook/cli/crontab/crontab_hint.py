"""A crontab's times, given where AWS's grammar is wanted."""

from jobhook.cli.crontab.expressions import WORDS, convert
from jobhook.cli.crontab.fields import FieldRefused


def meant(text: str) -> tuple[str, ...]:
    """What the text says in AWS's grammar, if it is a crontab's five fields or a word of cron's; else nothing."""
    if "(" in text or (text.lower() not in WORDS and len(text.split()) != 5):
        return ()
    try:
        return convert(text).expressions
    except FieldRefused:
        return ()
