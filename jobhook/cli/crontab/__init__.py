"""Reads crontabs, and says the same in jobs of Jobhook's; source of the grammar: crontab(5) of Debian's cron."""
