"""Lineage: code digests, stage records, and the frame that every stage runs in."""
