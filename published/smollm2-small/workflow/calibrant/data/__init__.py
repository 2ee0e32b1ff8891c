"""Questions: where they come from, how they are split, and what is kept apart."""
