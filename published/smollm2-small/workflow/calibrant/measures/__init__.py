"""What is measured on answers with a stated confidence, and how sure the figures are."""
