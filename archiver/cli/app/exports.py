"""`archiver export …`: parts of the archive in forms that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.app.groups import export_app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge


def _posts_verb(form: str, purpose: str) -> None:
    """A verb that writes cited posts in the form `form`."""

    @export_app.command(form, help=f"{purpose}\n\nExample: archiver export {form} --store ./archive > posts.jsonl")
    @edge
    def posts_export(
        article: Annotated[
            str | None, typer.Option("--article", metavar="URL|ID", help="Only the posts that this article cites.")
        ] = None,
        platform: Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only this network.")] = None,
        every: Annotated[
            bool, typer.Option("--every-state", help="Each state that differs, not the newest alone.")
        ] = False,
        store: StoreOption = None,
        config: ConfigOption = None,
    ) -> int:
        from archiver.cli.viewing import export_posts

        return export_posts(configure(config, store), form, platform=platform, article=article, every=every)


_posts_verb("as2", "Cited posts as ActivityStreams 2.0 notes, one JSON object a line on stdout.")
_posts_verb("schema", "Cited posts as schema.org SocialMediaPosting (JSON-LD), one JSON object a line on stdout.")


@export_app.command("wacz")
@edge
def wacz_export(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The package to write.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[URL|ID]...", help="Articles, or posts. None: all that the options name."),
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="ID", help="Captures of this run.")] = None,
    source: Annotated[str | None, typer.Option(metavar="ID", help="Captures of this source.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Captured then or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Captured before that.")] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: the article's headline.")] = None,
    timestamp: Annotated[
        str, typer.Option(metavar="URL", help="Have this RFC 3161 authority stamp it, into FILE.tsr.")
    ] = "",
    timestamp_ca: Annotated[
        Path | None, typer.Option(metavar="PEM", help="Certificates that the authority's own must lead to.")
    ] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Write a WACZ: articles with all that they need to look as they did, or whole runs and sources, as one file.

    Example: archiver export wacz https://www.example.com/news/1 -o page.wacz --store ./archive
    """
    from archiver.cli.exporting import Stamping, Wanted, export_wacz

    wanted = Wanted(tuple(names or ()), run, source, since, until)
    return export_wacz(configure(config, store), wanted, output, title, Stamping(timestamp, timestamp_ca))
