"""Commands that stand alone: serve, mock, schedule, health, redrive."""
