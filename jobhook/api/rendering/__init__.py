"""Rules and records as the documents that the API answers with."""
