"""Thresholds with a finite-sample guarantee, and routing by them."""
