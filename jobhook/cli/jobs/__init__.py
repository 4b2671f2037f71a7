"""`jobhook job`: the commands for jobs."""
