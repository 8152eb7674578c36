"""The verbs and their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.common import ConfigOption, StoreOption, configure, edge
from archiver.errors import UsageError

app = typer.Typer(
    name="archiver",
    help="The archive of record for news and for the posts that news cites.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
sources_app = typer.Typer(help="The source files: one TOML a news site.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(sources_app, name="sources")
takedown_app = typer.Typer(
    help="What must not be shown: hide it, and take it out of the files.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(takedown_app, name="takedown")
export_app = typer.Typer(
    help="Parts of the archive in forms that others read.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(export_app, name="export")

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the crawl's log.")]
Render = Annotated[bool, typer.Option("--render", help="Through a browser (Chromium), with picture and DOM.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines on stdout, for programs.")]


@app.command()
@edge
def crawl(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Sources to crawl.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every source.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Only what is due: the one line that cron runs.")] = False,
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
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
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
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
def show(
    name: Annotated[str, typer.Argument(metavar="URL|ID", help="An article's URL or document id.")],
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
    as_html: Annotated[bool, typer.Option("--html", help="One HTML page on stdout, with cards of the posts.")] = False,
) -> int:
    """Show an article as it was read, with the address of its evidence.

    Example: archiver show https://www.example.com/news/1 --store ./archive
    """
    from archiver.cli.reading import show_article

    return show_article(configure(config, store), name, as_json=as_json, as_html=as_html)


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
def check(
    warcs: Annotated[
        list[Path] | None, typer.Argument(metavar="WARC...", help="Files; none means the whole archive.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Presence and sizes only; no file is read.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Every byte, and every document made again.")] = False,
    sample: Annotated[
        str, typer.Option(metavar="SHARE", help="Without --full: files that are read whole, oldest check first.")
    ] = "1%",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a check that was cut short.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JSON report there.")] = None,
    events: Annotated[bool, typer.Option(help="Note what was read in the archive's event log.")] = True,
    probe: Annotated[bool, typer.Option("--probe", help="Only ask the object store what it can do.")] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """Check WARC files, or a whole archive: manifests, indexes, and documents beside their records, at three depths.

    Example: archiver check --full --store ./archive
    """
    from archiver.cli.checking import Wanted, check_archive, check_files, parse_depth, parse_share

    if probe:
        from archiver.cli.storing import probe_store

        return probe_store(configure(config, store), as_json=as_json)
    if warcs:
        return check_files(warcs, as_json=as_json)
    wanted = Wanted(parse_depth(quick=quick, full=full), parse_share(sample), resume, report, events, as_json)
    return check_archive(configure(config, store), wanted)


@app.command()
@edge
def mend(
    warcs: Annotated[list[Path], typer.Argument(metavar="WARC...", help="Damaged files; they are never changed.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE|DIR", help="Where the new file goes. Default: mended/ beside it.")
    ] = None,
    index: Annotated[bool, typer.Option("--index", help="Write its .cdxj.gz beside the new file.")] = False,
) -> int:
    """Write the whole records of a damaged WARC into a new file, and say what was left out and why.

    Example: archiver mend crawl.warc.gz.open
    """
    from archiver.cli.mending import mend_files

    return mend_files(warcs, out, index=index)


@app.command()
@edge
def replay(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 8090,
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

    return replay_archive(configure(config, store), port=port, state=state, banner=banner, check=check)


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


@sources_app.command("list")
@edge
def sources_list(
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
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
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
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
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
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
    sources: Annotated[Path | None, typer.Option(help="Folder of source files.", metavar="DIR")] = None,
    fixtures: Annotated[Path | None, typer.Option(help="Saved pages. Default: tests/sources.", metavar="DIR")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="What they give now is what they shall give.")] = False,
    config: ConfigOption = None,
) -> int:
    """Read the saved pages again and say which fields are no longer what they were. No network.

    Example: archiver sources test dawn
    """
    from archiver.cli.sourcing import test_sources

    return test_sources(configure(config, None), source, sources, fixtures, accept=accept)


@export_app.command("as2")
@edge
def as2_export(
    article: Annotated[
        str | None, typer.Option(metavar="URL|ID", help="Only the posts that this article cites.")
    ] = None,
    platform: Annotated[str | None, typer.Option(metavar="NAME", help="Only this network.")] = None,
    every: Annotated[
        bool, typer.Option("--every-state", help="Each state that differs, not the newest alone.")
    ] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Cited posts as ActivityStreams 2.0 notes, one JSON object a line on stdout.

    Example: archiver export as2 --store ./archive > posts.jsonl
    """
    from archiver.cli.viewing import export_posts

    return export_posts(configure(config, store), "as2", platform=platform, article=article, every=every)


@export_app.command("schema")
@edge
def schema_export(
    article: Annotated[
        str | None, typer.Option(metavar="URL|ID", help="Only the posts that this article cites.")
    ] = None,
    platform: Annotated[str | None, typer.Option(metavar="NAME", help="Only this network.")] = None,
    every: Annotated[
        bool, typer.Option("--every-state", help="Each state that differs, not the newest alone.")
    ] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Cited posts as schema.org SocialMediaPosting (JSON-LD), one JSON object a line on stdout.

    Example: archiver export schema --store ./archive > posts.jsonl
    """
    from archiver.cli.viewing import export_posts

    return export_posts(configure(config, store), "schema", platform=platform, article=article, every=every)


@export_app.command("wacz")
@edge
def wacz_export(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The package to write.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[URL|ID]...", help="Articles. None: all that the options name.")
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="ID", help="Captures of this run.")] = None,
    source: Annotated[str | None, typer.Option(metavar="ID", help="Captures of this source.")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Captured then or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Captured before that.")] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: the article's headline.")] = None,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Write a WACZ: articles with all that they need to look as they did, or whole runs and sources, as one file.

    Example: archiver export wacz https://www.example.com/news/1 -o page.wacz --store ./archive
    """
    from archiver.cli.exporting import Wanted, export_wacz

    return export_wacz(configure(config, store), Wanted(tuple(names or ()), run, source, since, until), output, title)


Reason = Annotated[str, typer.Option("--reason", help="Why: it is stored, and shown to who asks.")]
By = Annotated[str, typer.Option("--by", help="Who decided.")]


@takedown_app.command("hide")
@edge
def takedown_hide(
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="article, post, url, host or run.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="URL, document id, host name or run id.")],
    reason: Reason,
    by: By,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """Hide an article, a post, a URL, a host or a run from readers, exports and replay. Prints the tombstones it made.

    Example: archiver takedown hide url https://www.example.com/1 --reason "court order 12/2026" --by "legal desk"
    """
    from archiver.cli.takedown import hide

    return hide(configure(config, store), scope, target, reason=reason, by=by, as_json=as_json)


@takedown_app.command("list")
@edge
def takedown_list(store: StoreOption = None, config: ConfigOption = None, as_json: AsJson = False) -> int:
    """List the tombstones in force.

    Example: archiver takedown list --store ./archive
    """
    from archiver.cli.takedown import show_list

    return show_list(configure(config, store), as_json=as_json)


@takedown_app.command("lift")
@edge
def takedown_lift(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tombstones, as `takedown list` shows them.")],
    reason: Reason,
    by: By,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """Show again what tombstones hide; both stay on record.

    Example: archiver takedown lift urn:uuid:… --reason "order withdrawn" --by "legal desk"
    """
    from archiver.cli.takedown import lift_tombstones

    return lift_tombstones(configure(config, store), ids, reason=reason, by=by, as_json=as_json)


@takedown_app.command("erase")
@edge
def takedown_erase(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tombstones, as `takedown list` shows them.")],
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Take what tombstones cover out of the files for good: WARCs, indexes, documents and manifests are issued again.

    Example: archiver takedown erase urn:uuid:… --store ./archive
    """
    from archiver.cli.takedown import erase_covered

    return erase_covered(configure(config, store), ids)


@takedown_app.command("finish")
@edge
def takedown_finish(store: StoreOption = None, config: ConfigOption = None) -> int:
    """Finish erasures that were cut short.

    Example: archiver takedown finish --store ./archive
    """
    from archiver.cli.takedown import finish

    return finish(configure(config, store))


def main() -> None:
    """The entry point of the command `archiver`."""
    app()
