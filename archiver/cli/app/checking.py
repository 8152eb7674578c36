"""The verbs about whether files are whole: `check` and `mend`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from archiver.cli.app.groups import AsJson, app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge
from archiver.errors import UsageError


@app.command()
@edge
def check(
    warcs: Annotated[
        list[Path] | None, typer.Argument(metavar="WARC...", help="Files; none means the whole archive.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Presence and sizes only; no file is read.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Every byte, and every document made again.")] = False,
    sample: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Of the files, those that are read whole, oldest check first. Default: 1%, at least ten files.",
        ),
    ] = None,
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
        if quick or full or sample or resume or report:
            raise UsageError(
                "files are read whole and at once; --quick, --full, --sample, --resume and --report are for an archive"
            )
        return check_files(warcs, as_json=as_json)
    wanted = Wanted(
        parse_depth(quick=quick, full=full, sample=sample, resume=resume),
        parse_share(sample or "1%"),
        resume,
        report,
        events,
        as_json,
    )
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
