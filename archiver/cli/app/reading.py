"""The verbs that read what is archived, or WARCs of anybody: `show`, `extract`, `replay`, `index`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.app.groups import AsJson, app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge
from archiver.errors import UsageError


@app.command()
@edge
def show(
    name: Annotated[str, typer.Argument(metavar="URL|ID", help="An article's URL or document id, or a post's URL.")],
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
    as_html: Annotated[bool, typer.Option("--html", help="One HTML page on stdout, with cards of the posts.")] = False,
) -> int:
    """Show an article as it was read, or a post as it was captured, with the address of its evidence.

    Example: archiver show https://www.example.com/news/1 --store ./archive
    """
    from archiver.cli import reading

    return reading.show(configure(config, store), name, as_json=as_json, as_html=as_html)


@app.command()
@edge
def extract(
    warcs: Annotated[list[Path] | None, typer.Argument(metavar="WARC...", help="WARC files, ours or foreign.")] = None,
    archive: Annotated[
        str | None, typer.Option("--archive", metavar="URL", help="Rewrite the documents of this archive instead.")
    ] = None,
    sources: Annotated[
        Path | None, typer.Option(help="Folder of source files (their [extract] hints).", metavar="DIR")
    ] = None,
    config: ConfigOption = None,
) -> int:
    """Make documents from WARCs, without a network: one JSON line each on stdout, in record order.

    Example: archiver extract crawl.warc.gz > articles.jsonl
    """
    from archiver.cli.reading import extract_files
    from archiver.cli.remaking import extract_archive

    if archive and warcs:
        raise UsageError("give WARC files or --archive, not both")
    settings = configure(config, archive)
    return extract_archive(settings, sources) if archive else extract_files(settings, warcs or [])


@app.command()
@edge
def replay(
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one. Default: 8090, with --check a free one."
        ),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where index and configuration go. Default: beside the archive.")
    ] = None,
    banner: Annotated[bool, typer.Option("--banner", help="Show pywb's banner on every page.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Ask for every capture, count the answers, and end.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Browse the archive in a web browser through pywb, on loopback, until Ctrl-C. Prints the address.

    Example: archiver replay --store ./archive
    """
    from archiver.cli.replaying import replay_archive

    return replay_archive(
        configure(config, store),
        port=(0 if check else 8090) if port is None else port,
        state=state,
        banner=banner,
        check=check,
    )


@app.command()
@edge
def index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Merge the index lines of all WARCs, so that a URL is found fast in a large archive. Safe to run again after each crawl.

    Example: archiver index --store ./archive
    """
    from archiver.cli.replaying import index_archive

    return index_archive(configure(config, store), rebuild=rebuild)
