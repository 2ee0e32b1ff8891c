"""Tables of a person's own: JSON Lines, CSV and Parquet, with the place of every cell."""
