"""The command `archiver`: one short function a verb.

Belongs here: arguments, help, exit codes, and what people see. Documents go to stdout as JSON lines, talk goes to stderr,
progress bars only to a terminal. What the verbs do lives in the domain; only `crawl` and `capture` reach for Scrapy.
"""

from archiver.cli.app import app, main

__all__ = ["app", "main"]
