"""The verbs that fetch and publish: `crawl`, `capture`, `follow`, `publish`, and `demo`, which does all of it on loopback."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.app.groups import AsJson, Render, SourcesOption, Verbose, app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge


@app.command()
@edge
def crawl(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Sources to crawl.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every source.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Only what is due: the one line that cron runs.")] = False,
    sources: SourcesOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    render: Render = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Crawl sources and publish what was captured.

    Example: archiver crawl tolonews --store ./archive
    """
    from archiver.cli.crawling import crawl_sources

    return crawl_sources(
        configure(config, store),
        ids or [],
        every=all_,
        folder=sources,
        verbose=verbose,
        as_json=as_json,
        due=due,
        render=render,
    )


@app.command()
@edge
def capture(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Pages to capture now.")],
    store: StoreOption = None,
    config: ConfigOption = None,
    render: Render = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Capture these pages now, with what they need to look as they did.

    Example: archiver capture https://www.example.com/news/1
    """
    from archiver.cli.crawling import capture_pages

    return capture_pages(configure(config, store), urls, verbose=verbose, as_json=as_json, render=render)


@app.command()
@edge
def follow(
    all_: Annotated[bool, typer.Option("--all", help="Every cited post, due or not.")] = False,
    sources: SourcesOption = None,
    store: StoreOption = None,
    config: ConfigOption = None,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> int:
    """Ask again for cited posts whose time has come: never asked for, failed, or due for another look.

    Example: archiver follow --store ./archive
    """
    from archiver.cli.following import follow_posts

    return follow_posts(configure(config, store), every=all_, folder=sources, verbose=verbose, as_json=as_json)


@app.command()
@edge
def publish(store: StoreOption = None, config: ConfigOption = None) -> int:
    """Mend and publish what killed or failed runs left in the spool.

    Example: archiver publish --store ./archive
    """
    from archiver.cli.crawling import publish_left

    return publish_left(configure(config, store))


@app.command()
@edge
def demo(
    store: Annotated[str, typer.Option(metavar="URL", help="Where the demo's archive goes.")] = "demo-archive",
    verbose: Verbose = False,
) -> int:
    """Crawl a small newspaper on this machine (loopback only) and say what to look at.

    Example: archiver demo --store ./demo-archive
    """
    from archiver.cli.demo import run_demo

    return run_demo(store, verbose=verbose)
