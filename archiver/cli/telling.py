"""How a run went, for those who wait for it: an exit code, a table, a report for other programs.

Belongs here: words about a run that has ended. Running it is `crawling`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from archiver import clock
from archiver.cli.common import complain, talk
from archiver.cli.exits import Exit
from archiver.cli.progress import attempts_table, summary_table
from archiver.config import Config
from archiver.cron import make_report, prometheus, send, write_whole
from archiver.frontier import Frontier
from archiver.models import RunManifest
from archiver.reasons import Reason
from archiver.spool import SpiderReport
from archiver.tally import drifts

REFUSALS_SHOWN = 10
"""Refusals printed after a run; the manifest lists them all."""


def verdict(manifest: RunManifest, reports: list[SpiderReport], below: Mapping[str, list[str]] | None = None) -> Exit:
    """What cron is told: a run that was stopped or recorded nothing, or a source below its expectation."""
    missing = set(manifest.sources) - {report.source for report in reports}
    if missing:
        return complain(f"ended without a report: {', '.join(sorted(missing))}; see the log", Exit.ERROR)
    if any(report.recording_failed for report in reports):
        return complain("the spool could not be written, so the run stopped; free some space and run again", Exit.ERROR)
    if any(report.finish_reason == "shutdown" for report in reports):
        return complain("stopped by a signal; what was captured until then is published", Exit.ERROR)
    if any(report.finish_reason == "disk-full" for report in reports):
        sentence = (
            "the disk is nearly full; what was captured until then is published: free some space, or lower disk_min"
        )
        return complain(sentence, Exit.ERROR)
    if not manifest.captures:
        return complain("nothing was captured; the table says why", Exit.ERROR)
    if not manifest.articles and {one.reason for one in manifest.refusals} == {Reason.RENDER_FAILED}:
        return complain(
            "no page could be rendered; the table says why, and without --render no browser is needed", Exit.ERROR
        )
    for source, sentences in (below or {}).items():
        for sentence in sentences:
            complain(f"{source}: {sentence}", Exit.BELOW_EXPECTATION)
    return Exit.BELOW_EXPECTATION if below else Exit.OK


def sound_drift(manifest: RunManifest) -> None:
    """Says loudly which networks' answers were not understood. The run is none the worse: what they sent is recorded."""
    for sentence in drifts(manifest.attempts):
        complain(sentence, Exit.OK)


def tell(manifest: RunManifest, config: Config, *, as_json: bool) -> None:
    """What became of the run, on stderr or as the manifest on stdout, and its alarms about networks."""
    _tell(manifest, config, as_json=as_json)
    sound_drift(manifest)


def _tell(manifest: RunManifest, config: Config, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False))
        return
    talk.print(summary_table(manifest))
    if manifest.attempts:
        talk.print(attempts_table(manifest.attempts, "Cited posts"))
    for refusal in manifest.refusals[:REFUSALS_SHOWN]:
        why = f"{refusal.reason}: {refusal.detail}" if refusal.detail else refusal.reason
        talk.print(f"{refusal.requested_url or refusal.url}  {why}", markup=False, style="dim")
    if len(manifest.refusals) > REFUSALS_SHOWN:
        talk.print(f"and {len(manifest.refusals) - REFUSALS_SHOWN} more; the run's manifest lists them", style="dim")
    talk.print(f"Run {manifest.run_id} is in {config.store}")


def told(
    config: Config,
    frontier: Frontier,
    code: Exit,
    left: int,
    manifest: RunManifest | None,
    reports: list[SpiderReport],
    below: Mapping[str, list[str]],
) -> None:
    """Tells other programs how it went, where the configuration asks for it; trouble in doing so is said, and no more."""
    cron = config.cron
    if not (cron.report or cron.metrics or cron.webhook):
        return
    last = frontier.last_runs()
    measures = {name: run.measures for name, run in last.items() if manifest and run.run == manifest.run_id}
    report = make_report(
        clock.now(), int(code), code.name.lower(), config.store, left, manifest, reports, measures, below
    )
    files = {
        cron.report: report.model_dump_json(indent=1) + "\n",
        cron.metrics: prometheus(report, last, frontier.count()),
    }
    for path, content in files.items():
        try:
            if path:
                write_whole(Path(path), content)
        except OSError as error:
            complain(f"{path}: cannot be written: {error.strerror}", code)
    if (
        cron.webhook
        and (code is not Exit.OK or report.alarms or cron.webhook_when == "always")
        and (trouble := send(cron.webhook, report))
    ):
        complain(f"the web hook did not take the report: {trouble}", code)
