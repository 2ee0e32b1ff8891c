"""Training: warm-up, the trainer, its critic and estimators, monitors and checkpoints."""
