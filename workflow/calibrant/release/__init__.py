"""Release: a finished study as a folder to publish, described as an RO-Crate."""
