"""A job: a service's named configuration, and what changes it."""
