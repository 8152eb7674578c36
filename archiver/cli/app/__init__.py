"""The verbs and their arguments, one room a topic: importing this adds every verb to the command.

Belongs here: arguments and help. What a verb does is in the modules beside this folder, and is imported when the verb runs, so that
`--help` answers at once.
"""

from archiver.cli.app import crawling, reading, checking, sources, exports, takedown  # noqa: F401, I001 -- the order of `--help`
from archiver.cli.app.groups import app

__all__ = ["app", "main"]


def main() -> None:
    """The entry point of the command `archiver`."""
    app()
