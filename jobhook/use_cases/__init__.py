"""One verb a module: what Jobhook does, in terms of the ports."""
