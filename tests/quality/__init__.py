"""The gate: extraction scored against the corpus, beside bare trafilatura, with pinned floors. Run `python -m tests.quality`."""
