"""Rewards for stated confidence: scoring rules, the composed reward, their mathematics, the audit."""
