"""Orchestration: what a run of the workflow would do, and why."""
