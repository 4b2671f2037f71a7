"""`jobhook execution`: the commands for the history of runs."""
