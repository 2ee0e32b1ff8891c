"""The AI judge: what it sees, what it said, and how often it errs."""
