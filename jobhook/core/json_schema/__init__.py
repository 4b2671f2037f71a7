"""JSON Schema (draft 2020-12): which schemas are accepted, and what violates them."""
