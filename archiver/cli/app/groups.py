"""What the rooms of the command share: the command itself, its groups of verbs, and the options that several verbs take.

Belongs here: no verb. A verb stands in the room of its topic, which adds it to its group.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="archiver",
    help="The archive of record for news and for the posts that news cites.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def group(name: str, purpose: str) -> typer.Typer:
    """A group of verbs, added to the command."""
    made = typer.Typer(help=purpose, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(made, name=name)
    return made


sources_app = group("sources", "The source files: one TOML a news site.")
takedown_app = group("takedown", "What must not be shown: hide it, and take it out of the files.")
export_app = group("export", "Parts of the archive in forms that others read.")

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the crawl's log.")]
Render = Annotated[bool, typer.Option("--render", help="Through a browser (Chromium), with picture and DOM.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines on stdout, for programs.")]
SourcesOption = Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")]
