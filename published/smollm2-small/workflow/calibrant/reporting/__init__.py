"""Reporting: numbers, tables, figures, the report and the copy of the records in MLflow."""
