"""An execution: a job's occurrence being run, from its first attempt to its outcome."""
