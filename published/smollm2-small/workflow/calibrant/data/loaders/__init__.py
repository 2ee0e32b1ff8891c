"""One loader per source: a downloaded file in, raw rows out."""
