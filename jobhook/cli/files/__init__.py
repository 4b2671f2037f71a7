"""Files of jobs: apply, export and import."""
