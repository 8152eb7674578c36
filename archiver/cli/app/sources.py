"""`archiver sources …`: listing, adding, recording and testing source files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.app.groups import AsJson, SourcesOption, Verbose, sources_app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge


@sources_app.command("list")
@edge
def sources_list(
    sources: SourcesOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """List the sources, how their last runs went, and what is wrong with the files that cannot be read.

    Example: archiver sources list
    """
    from archiver.cli.reading import list_sources

    return list_sources(configure(config, store), sources, as_json=as_json)


@sources_app.command("add")
@edge
def sources_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's home page.")],
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Name of the file. Default: from the host.")
    ] = None,
    sources: SourcesOption = None,
    config: ConfigOption = None,
    verbose: Verbose = False,
) -> int:
    """Ask a site for its feeds and sitemaps, and write a source file with comments. Overwrites nothing.

    Example: archiver sources add https://www.example.com/ --sources ./sources
    """
    from archiver.cli.sourcing import add_source

    return add_source(configure(config, None), url, id_, sources, verbose=verbose)


@sources_app.command("record")
@edge
def sources_record(
    source: Annotated[str, typer.Argument(metavar="ID", help="A source.")],
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="This article. Default: one that is discovered.")
    ] = None,
    sources: SourcesOption = None,
    fixtures: Annotated[Path | None, typer.Option(help="Where to save. Default: tests/sources.", metavar="DIR")] = None,
    config: ConfigOption = None,
    verbose: Verbose = False,
) -> int:
    """Save one article of a source as a WARC, with the document that it gives, for `sources test`.

    Example: archiver sources record dawn
    """
    from archiver.cli.sourcing import record_source

    return record_source(configure(config, None), source, url, sources, fixtures, verbose=verbose)


@sources_app.command("test")
@edge
def sources_test(
    source: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One source. Default: all with a saved page.")
    ] = None,
    sources: SourcesOption = None,
    fixtures: Annotated[Path | None, typer.Option(help="Saved pages. Default: tests/sources.", metavar="DIR")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="What they give now is what they shall give.")] = False,
    config: ConfigOption = None,
) -> int:
    """Read the saved pages again and say which fields are no longer what they were. No network.

    Example: archiver sources test dawn
    """
    from archiver.cli.sourcing import test_sources

    return test_sources(configure(config, None), source, sources, fixtures, accept=accept)
