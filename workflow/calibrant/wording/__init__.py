"""Confidence in words: a map of hedges, and answers rewritten so that each claim carries its own."""
