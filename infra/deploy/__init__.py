"""Deploys a stage, and takes it down."""
