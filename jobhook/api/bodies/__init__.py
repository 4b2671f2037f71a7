"""Request bodies: pydantic models that validate them."""
