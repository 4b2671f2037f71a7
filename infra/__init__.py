"""The AWS stack: what Chalice's template is merged with, and the steps that build, prove and deploy it."""
