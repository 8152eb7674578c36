"""Tests of reading a page: text, metadata, embeds, the assembled document."""
