"""A target: where an attempt is delivered, what is sent there, and how the answer is judged."""
