"""A client of the API, and the receiver's side of a webhook; `import jobhook` gives the names that are for users."""
