"""How a model is asked for an answer and a confidence, and how its text is read."""
