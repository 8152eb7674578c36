"""What people watch during a crawl and read after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from archiver.cli.common import talk
from archiver.models import RunManifest
from archiver.models.run import AttemptCount
from archiver.reasons import Reason

TICK = 0.2


@contextmanager
def watch(crawlers: list[Any]) -> Iterator[None]:
    """A bar for each crawler while the reactor runs; nothing where stderr is no terminal."""
    if not talk.is_terminal:
        yield
        return
    from twisted.internet.task import LoopingCall

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[captures]} captures"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=talk) as progress:
        names = [crawler.spidercls.name for crawler in crawlers]
        bars = {name: progress.add_task(name, total=None, captures=0) for name in names}

        def tick() -> None:
            for crawler in crawlers:
                values = crawler.stats.get_stats() if crawler.stats else {}
                done = sum(value for key, value in values.items() if _is_end(key))
                progress.update(
                    bars[crawler.spidercls.name],
                    completed=done,
                    total=max(done, values["archiver/known"]) if "archiver/known" in values else None,
                    captures=values.get("archiver/captures", 0),
                )

        call = LoopingCall(tick)
        call.start(TICK, now=False)
        try:
            yield
        finally:
            if call.running:
                call.stop()
            tick()


def _is_end(key: str) -> bool:
    return key.startswith(("archiver/documents/article", "archiver/reason/"))


def summary_table(manifest: RunManifest) -> Table:
    """What became of each source's pages and of what belongs to them, with every Reason.

    Pages are what was to become an article (and the feeds that name them); files are pictures, styles, scripts and the like.
    """
    table = Table(title=f"Run {manifest.run_id}", title_justify="left")
    table.add_column("source")
    table.add_column("what became of it")
    table.add_column("pages", justify="right")
    table.add_column("files of pages", justify="right")
    for source in manifest.sources:
        articles = sum(
            f.records for f in manifest.files if f.key.startswith("articles/") and f"source={source}/" in f.key
        )
        captures = sum(f.records for f in manifest.files if f.key.startswith(f"warc/{source}/"))
        table.add_row(source, "new articles and new versions", str(articles))
        for item in manifest.reasons:
            if item.source == source:
                pages = item.count - item.requisites
                table.add_row("", _why(item.reason), str(pages or ""), str(item.requisites or ""))
        table.add_row("", f"{captures} answers recorded in all", style="dim")
        table.add_section()
    return table


_REASONS = {reason.value: reason for reason in Reason}


def attempts_table(attempts: Sequence[AttemptCount], title: str) -> Table:
    """How asking for cited posts went: one line for each method of each network."""
    table = Table(title=title, title_justify="left")
    for column in ("network", "asked by", "what came of it"):
        table.add_column(column)
    by_method: dict[tuple[str, str], list[str]] = {}
    for one in attempts:
        outcome = f"{one.outcome} ({one.reason})" if one.reason else one.outcome
        by_method.setdefault((one.platform, one.method), []).append(f"{one.count} {outcome}")
    last = ""
    for (platform, method), outcomes in by_method.items():
        table.add_row(platform if platform != last else "", method, ", ".join(outcomes))
        last = platform
    return table


def _why(reason: str) -> str:
    return f"{reason}: {_REASONS[reason].sentence}" if reason in _REASONS else reason
