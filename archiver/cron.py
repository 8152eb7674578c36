"""What a run tells other programs: a report as JSON, metrics for Prometheus, and a message to a web hook.

Belongs here: the shapes and their writing. Files are replaced whole, so that nobody ever reads half of one; a web hook that does not
answer is said and changes nothing. What the figures mean for the exit code is decided by whoever runs the run.
"""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from archiver.frontier import SourceRun
from archiver.models import RunManifest
from archiver.models.base import Instant, Record
from archiver.models.run import AttemptCount, ReasonCount
from archiver.spool import SpiderReport
from archiver.tally import drifts

WEBHOOK_TIMEOUT = 10.0


class SourceReport(Record):
    """One source's part. `measures` are those of `archiver.expect`, `alarms` the sentences that made the exit code 3."""

    source: str
    finish_reason: str
    captures: int
    documents: int
    errors: int
    measures: dict[str, float] = {}
    reasons: list[ReasonCount] = []
    alarms: list[str] = []


class RunReport(Record):
    """One run for a program. `run_id` is null when nothing was due; `unpublished` counts the runs that are left in the spool. `attempts`
    counts how asking for cited posts went, `alarms` are the networks whose answers were not understood."""

    record_type: str = "run-report"
    at: Instant
    exit_code: int
    exit_name: str
    store: str
    run_id: str | None = None
    started: Instant | None = None
    finished: Instant | None = None
    captures: int = 0
    articles: int = 0
    bytes_received: int = 0
    unpublished: int = 0
    sources: list[SourceReport] = []
    notes: list[str] = []
    attempts: list[AttemptCount] = []
    alarms: list[str] = []


def make_report(
    at: datetime,
    code: int,
    name: str,
    store: str,
    unpublished: int,
    manifest: RunManifest | None,
    reports: list[SpiderReport],
    measures: Mapping[str, Mapping[str, float]],
    alarms: Mapping[str, list[str]],
) -> RunReport:
    """The report of a run, of one that could not be published (no `manifest`), or of one that had nothing to do."""
    reasons = manifest.reasons if manifest else []
    sources = [
        SourceReport(
            source=report.source,
            finish_reason=report.finish_reason,
            captures=report.captures,
            documents=report.documents,
            errors=report.errors,
            measures=dict(measures.get(report.source, {})),
            reasons=[count for count in reasons if count.source == report.source],
            alarms=list(alarms.get(report.source, [])),
        )
        for report in sorted(reports, key=lambda report: report.source)
    ]
    return RunReport(
        at=at,
        exit_code=code,
        exit_name=name,
        store=store,
        run_id=manifest.run_id if manifest else None,
        started=manifest.started if manifest else None,
        finished=manifest.finished if manifest else None,
        captures=manifest.captures if manifest else 0,
        articles=manifest.articles if manifest else 0,
        bytes_received=manifest.bytes_received if manifest else 0,
        unpublished=unpublished,
        sources=sources,
        notes=manifest.notes if manifest else [],
        attempts=manifest.attempts if manifest else [],
        alarms=drifts(manifest.attempts) if manifest else [],
    )


_METRICS = {
    "documents": "Articles that the source's last run gave.",
    "unchanged": "Articles that its last run found unchanged.",
    "unread": "Pages of its last run that gave no article.",
    "blocked": "Walls, challenges and refusals that its last run met.",
    "offered": "URLs that its feeds, sitemaps and pages showed.",
    "chars": "Median length of the texts of its last run, in characters.",
    "dated": "Articles of its last run with a date.",
}


def prometheus(report: RunReport, last: Mapping[str, SourceRun], known: int) -> str:
    """Prometheus text format 0.0.4. `last`: each source's last run, whichever run that was; `known`: URLs in the frontier."""
    lines: list[str] = []

    def metric(name: str, text: str, values: Mapping[str, float]) -> None:
        lines.extend([f"# HELP archiver_{name} {text}", f"# TYPE archiver_{name} gauge"])
        lines.extend(f"archiver_{name}{labels} {value:.15g}" for labels, value in values.items())

    metric("last_invocation_timestamp_seconds", "When cron last ran the archiver.", {"": _whole(report.at)})
    metric("exit_code", "Its exit code.", {"": report.exit_code})
    metric("unpublished_runs", "Runs left in the spool.", {"": report.unpublished})
    metric("frontier_urls", "URLs that are known.", {"": known})
    if report.started and report.finished:
        metric("run_seconds", "How long the run took.", {"": (report.finished - report.started).total_seconds()})
    if report.run_id:
        metric("run_captures", "Captures of the run.", {"": report.captures})
        metric("run_received_bytes", "Bytes received.", {"": report.bytes_received})
        alarms = {_label(source=part.source): float(len(part.alarms)) for part in report.sources}
        metric("alarms", "Expectations that the run did not meet.", alarms)
        counts = {_label(source=r.source, reason=r.reason): float(r.count) for s in report.sources for r in s.reasons}
        metric("refusals", "URLs of the run without a document, by Reason.", counts)
        asked = Counter[str]()
        for one in report.attempts:
            asked[_label(platform=one.platform, method=one.method, outcome=one.outcome)] += one.count
        metric(
            "post_attempts", "How asking networks for cited posts went, by outcome; schema_drift is an alarm.", asked
        )
    when = {_label(source=source): _whole(run.started) for source, run in last.items()}
    metric("source_run_timestamp_seconds", "When a source was last crawled.", when)
    for name, text in _METRICS.items():
        values = {_label(source=source): run.measures.get(name, 0.0) for source, run in last.items()}
        metric(f"source_{name}", text, values)
    return "\n".join(lines) + "\n"


def write_whole(path: Path, content: str) -> None:
    """Replaces `path` by `content` in one step, readable for everybody as node_exporter needs it. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def send(url: str, report: RunReport) -> str | None:
    """Posts the report as JSON to an http(s) URL; what went wrong in words, None when it was taken."""
    body = report.model_dump_json().encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", "User-Agent": "news-archiver"})
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_TIMEOUT) as answer:
            answer.read(1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        return str(error)
    return None


def _whole(moment: datetime) -> float:
    return float(int(moment.timestamp()))


def _label(**labels: str) -> str:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for name, value in labels.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped.items()) + "}"
