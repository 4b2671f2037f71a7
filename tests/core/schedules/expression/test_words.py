"""What schedules say of themselves."""

import pytest

from jobhook.core.schedules.expression import parse


@pytest.mark.parametrize(
    ("expression", "meaning"),
    [
        ("rate(1 minute)", "every minute, counted from the schedule's creation"),
        ("rate(5 hours)", "every 5 hours, counted from the schedule's creation"),
        ("at(2026-11-30T09:00:00)", "once, at 09:00:00 on 30 November 2026, UTC"),
        ("cron(0 9 LW * ? *)", "at 09:00 on the last weekday of every month, UTC"),
        ("cron(0 9 L JAN-MAR ? *)", "at 09:00 on the last day of January to March, UTC"),
        ("cron(* * * * ? *)", "every minute every day, UTC"),
        ("cron(0 * ? * * *)", "every hour, on the hour, every day, UTC"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "every 5 minutes from 08:00 to 17:59 every weekday (Monday to Friday), UTC"),
        ("cron(* 1 * * ? *)", "every minute from 01:00 to 01:59 every day, UTC"),
        ("cron(1/10 * ? * L *)", "every 10 minutes from :01 to :51 past every hour every Saturday, UTC"),
        ("cron(7 * 1,15 JAN,JUL ? *)", "at :07 past every hour on the 1st and 15th of January and July, UTC"),
        ("cron(0/15 22-2 * * ? *)", "every 15 minutes in the hours 00, 01, 02, 22 and 23 every day, UTC"),
        ("cron(0/30 0/3 * * ? *)", "every 30 minutes in every 3rd hour from 00:00 to 21:00 every day, UTC"),
        ("cron(5,20 9-17 * 6 ? *)", "at :05 and :20 past every hour from 09:00 to 17:00 every day in June, UTC"),
        ("cron(0 8,12 ? * 2#1 *)", "at 08:00 and 12:00 on the first Monday of every month, UTC"),
        ("cron(15 10 ? * 6L 2022-2030)", "at 10:15 on the last Friday of every month from 2022 to 2030, UTC"),
        ("cron(0 0 22W * ? 2028)", "at 00:00 on the weekday nearest the 22nd of every month in 2028, UTC"),
        ("cron(0 0 ? MAY TUE,thu *)", "at 00:00 every Tuesday and Thursday in May, UTC"),
        ("cron(0 0 31 * ? *)", "at 00:00 on the 31st of every month that has one, UTC"),
        ("cron(0 0 31 1-4 ? *)", "at 00:00 on the 31st of January to April (where there is one), UTC"),
        ("cron(0 0 30 2 ? *)", "at 00:00 on the 30th of February, which never comes, UTC"),
        ("cron(0 0 1/10 * ? *)", "at 00:00 every 10 days from the 1st to the 31st of every month, UTC"),
        ("cron(0 0 1 1 ? 2026/20)", "at 00:00 on the 1st of January, every 20 years from 2026 to 2186, UTC"),
        (
            "cron(0 0 1 1 ? 2000/20,2001/20)",
            "at 00:00 on the 1st of January, in 20 of the years 2000 to 2181, UTC",
        ),
    ],
)
def test_a_meaning_in_plain_english(expression: str, meaning: str) -> None:
    assert parse(expression).describe() == meaning
