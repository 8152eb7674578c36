"""What is known and when it is due again: one row a URL, in SQLite or PostgreSQL. (Only importer of SQLAlchemy.)

Belongs here: `tables` (shape and migrations), `schedule` (pure rules of when), `ledger` (the `Frontier` that reads and writes), its
parts `polls` and `robots`, and `marks` (from a run's spool to what the frontier learns of it). What is fetched, and how, is decided by the spiders.
"""

from archiver.frontier.ledger import Frontier
from archiver.frontier.rows import Feed, Known, Mark, Original, Poll, RobotsCopy, Seen, SourceRun, Version, key_of
from archiver.frontier.schedule import Plan

__all__ = [
    "Feed",
    "Frontier",
    "Known",
    "Mark",
    "Original",
    "Plan",
    "Poll",
    "RobotsCopy",
    "Seen",
    "SourceRun",
    "Version",
    "key_of",
]
