"""Deciding whether an answer is right: one grader per answer type."""
