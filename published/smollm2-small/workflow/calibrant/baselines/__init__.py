"""What trained methods are compared with: confidences mapped afterwards, and answers voted on."""
