"""A service that behaves as it is told, to try Jobhook with."""
