"""A small service that lets Jobhook run its jobs, to read, run and copy from."""
