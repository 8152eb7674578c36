"""SIGKILLs at random, seeded instants of crawl, seal and publish, and what must hold after the next run.

Belongs here: one `Harness` over one store. Runs of the phase "publish" publish a spool that the real writer made in this process;
"crawl" and "seal" crawl an outlet of the demo newspaper. Nothing is simulated but the instant.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.archive import Archive
from archiver.audit import Depth, check_archive
from archiver.config import S3Table
from archiver.demo import DemoNewspaper
from archiver.layout import new_run_id
from archiver.models import Document, Refusal
from archiver.models.hints import ExtractHints
from archiver.spool import RunInfo, RunSpool
from archiver.store import open_store
from archiver.warc import WarcInfo, WarcWriter, read_captures
from archiver.work import extract_capture
from tests.e2e.conftest import prepare
from tests.e2e.kit import environment, is_alive, spooled_lines
from tests.unit.making import answer, exchange, page
from tests.unit.test_spool import report

ROOT = Path(__file__).parents[2]
PHASES = ("publish", "crawl", "publish", "publish", "seal", "publish")
"""What is killed, in turn: publishing most often, since it is where two places must agree."""


class Victims:
    """Starts the real command by way of a loaded process."""

    def __init__(self, cwd: Path, **env: str) -> None:
        self.cwd = cwd
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.zygote"],
            cwd=ROOT,
            env=environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._answer()

    def _answer(self) -> dict[str, int]:
        assert self._zygote.stdout
        line = self._zygote.stdout.readline()
        if not line:
            raise RuntimeError("the process that starts victims has ended")
        found: dict[str, int] = json.loads(line)
        return found

    def start(self, *argv: str) -> int:
        """The pid of a victim, which is the leader of its group."""
        assert self._zygote.stdin
        self._zygote.stdin.write(json.dumps({"argv": list(argv), "cwd": str(self.cwd)}) + "\n")
        self._zygote.stdin.flush()
        return self._answer()["pid"]

    def ended(self) -> bool:
        assert self._zygote.stdout
        return bool(select.select([self._zygote.stdout], [], [], 0)[0])

    def wait(self) -> int:
        """The exit code of the victim, negative when a signal ended it."""
        return self._answer()["status"]

    def close(self) -> None:
        assert self._zygote.stdin
        self._zygote.stdin.close()
        self._zygote.wait()


@dataclass
class Figures:
    """What a harness did and found. `acknowledged` are documents and captures that were on disk when a victim was killed."""

    runs: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    survived: int = 0
    mended_kills: int = 0
    acknowledged: int = 0
    published: int = 0
    captures: int = 0
    checks: int = 0
    objects: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{count} in {phase}" for phase, count in sorted(self.killed.items()))
        return (
            f"{self.runs} runs: {self.killed.total()} killed ({kills}), {self.survived} ended before their instant; "
            f"{self.mended_kills} kills while mending; {self.acknowledged} acknowledged documents and captures, none lost: "
            f"{not self.problems}; {self.published} documents of {self.captures} captures published; {self.objects} objects looked at "
            f"while half-published; {self.checks} whole checks"
        )


class Harness:
    """`store` is a folder's path or an s3:// URL; `folder` holds configuration, spool and frontier. Use as a context manager."""

    def __init__(
        self, folder: Path, newspaper: DemoNewspaper, store: str | None = None, *, seed: int = 20261125, **env: str
    ) -> None:
        self.folder, self.rng, self.seed = folder, random.Random(seed), seed
        self.figures = Figures()
        self.url = store or str(folder / "archive")
        folder.mkdir(parents=True, exist_ok=True)
        self.spool = folder / "spool"
        self.outlets = [outlet.id for outlet in newspaper.outlets[1:]]
        text = prepare(folder, newspaper, requisites=False, concurrency=8)
        written = text.read_text().replace('store = "archive"', f'store = {json.dumps(self.url)}\nspool = "spool"')
        text.write_text(written + '[warc]\nroll_bytes = "30kB"\n')
        os.environ.update(env)
        self.archive = Archive(open_store(self.url, S3Table()), everything=True)
        self.victims = Victims(folder, **env)
        self._acknowledged: set[str] = set()
        self._captures: set[str] = set()
        self._known_runs: set[str] = set()
        self._looked_at: set[str] = set()
        self._found: Counter[str] = Counter()
        self._found_captures: set[str] = set()
        self._seconds = [0.4]

    def __enter__(self) -> Harness:
        return self

    def __exit__(self, *_: object) -> None:
        self.victims.close()

    # One run

    def run(self, number: int) -> None:
        """One victim, its death, the next run, and what must hold."""
        phase = PHASES[number % len(PHASES)]
        if phase == "publish":
            self._stage(number)
            argv, instant = ["publish"], self._moment()
        else:
            if self.rng.random() < 0.9:
                shutil.rmtree(self.folder / ".frontier", ignore_errors=True)  # everything is due again
            argv = ["crawl", self.rng.choice(self.outlets)]
            instant = self._bytes() if phase == "crawl" else self._seals()
        if self._kill(argv, instant):
            self.figures.killed[phase] += 1
        else:
            self.figures.survived += 1
        self._acknowledge()
        self._no_halves()
        while self.rng.random() < 0.3:  # the next run is killed as well
            if self._kill(["publish"], self._moment()):
                self.figures.mended_kills += 1
            self._acknowledge()
        self._mend()
        self.figures.runs += 1

    def _kill(self, argv: list[str], instant: Callable[[], bool]) -> bool:
        """Whether the victim was still alive at its instant."""
        pid = self.victims.start(*argv)
        ends = time.monotonic() + 90
        while not instant() and not self.victims.ended() and time.monotonic() < ends:
            time.sleep(0.001)
        alive = not self.victims.ended()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        killed = self.victims.wait() == -signal.SIGKILL
        self._wait_for_group(pid)
        return alive and killed

    def _wait_for_group(self, group: int) -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            if not is_alive(group):
                return
            time.sleep(0.02)
        self._problem("a worker outlived the victim")

    def _mend(self) -> None:
        began = time.monotonic()
        self.victims.start("publish")
        code = self.victims.wait()
        self._seconds.append(time.monotonic() - began)
        if code:
            self._problem(f"publish ended with {code}: {(self.folder / 'victim.err').read_text()[-500:]}")
        left = [path.name for path in self.spool.iterdir() if not path.name.startswith(".")]
        if left:
            self._problem(f"the spool still holds {left}")
        self._published()

    # Instants

    def _moment(self) -> Callable[[], bool]:
        """A time within what publishing takes here, now."""
        usual = sorted(self._seconds[-15:])[len(self._seconds[-15:]) // 2]
        at = time.monotonic() + self.rng.uniform(0.01, max(0.75 * usual, 0.1))
        return lambda: time.monotonic() > at

    def _bytes(self) -> Callable[[], bool]:
        """When so many bytes of WARC are in new runs of the spool."""
        size = self.rng.randrange(200, 70_000)  # an outlet has somewhat more
        runs = {path.name for path in self.spool.glob("2*")}
        return lambda: self._staged(runs) > size

    def _seals(self) -> Callable[[], bool]:
        """Around the moment at which the n-th WARC is sealed: its index is being written, or it has just been renamed."""
        wanted, late = self.rng.randrange(1, 4), self.rng.choice((0.0, 0.0, 0.002, 0.01, 0.05))
        seen: list[float] = []

        def reached() -> bool:
            if not seen and len(list(self.spool.glob("*/*.cdxj.gz*"))) >= wanted:
                seen.append(time.monotonic())
            return bool(seen) and time.monotonic() >= seen[0] + late

        return reached

    def _staged(self, besides: set[str]) -> int:
        total = 0
        for path in self.spool.glob("2*/*.warc.gz*"):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size if path.parent.name not in besides else 0
        return total

    # What the victims work on

    def _stage(self, number: int) -> None:
        """A run as a crawl leaves it: whole mostly, sometimes one that was cut short."""
        started = datetime.now(UTC) + timedelta(seconds=1)
        run_id = new_run_id(started)
        run = RunSpool(self.spool / run_id)
        software = "news-archiver/0.1 harness"
        run.begin(RunInfo(run_id=run_id, started=started, software=software, sources=["example"]))
        info = WarcInfo(software, "Harness <harness@localhost>", "Harness/1", run_id, "example", "kill harness")
        writer = WarcWriter(run.folder, "example", info, max_bytes=self.rng.choice((4_000, 10**9)))
        for part in range(self.rng.randrange(1, 6)):
            url = f"https://news.example.org/{number}/{part}"
            writer.write(exchange(url, answer(page(f"Report {number} of part {part}")), run_id=run_id))
        sealed = writer.close()
        if ended := self.rng.random() < 0.8:
            for one in sealed:
                for capture in read_captures(one.path, warc_filename=one.key):
                    line = extract_capture(capture, ExtractHints()).line
                    assert line
                    run.append_document(Document("article", line, capture.pointer, "example", capture.url))
            run.append_refusal(Refusal(url=f"https://news.example.org/{number}/gone", source="example", reason="empty"))
            run.append_report(report())
        run.close()
        run.release()
        if not ended and self.rng.random() < 0.5:
            last = sealed[-1]
            last.cdxj_path.unlink()
            with last.path.rename(f"{last.path}.open").open("ab") as stream:
                stream.write(os.urandom(self.rng.randrange(1, 400)))

    # What must hold

    def _acknowledge(self) -> None:
        """Whole documents, and whole captures, that are in the spool now."""
        for line in spooled_lines(self.spool):
            self._acknowledged.add(line["capture"]["warc_record_id"])
        for path in self.spool.glob("2*/*.warc.gz*"):
            for capture in read_captures(path, on_damage=lambda _: None):
                self._captures.add(capture.pointer.warc_record_id)
        self.figures.acknowledged = len(self._acknowledged) + len(self._captures)

    def _no_halves(self) -> None:
        """Whatever a reader can see right after a kill is whole, listed or not."""
        for key in self.archive.store.list():
            if key in self._looked_at:
                continue
            content = self.archive.store.read(key)
            try:
                if key.endswith(".gz"):
                    gzip.decompress(content)
                elif key.endswith(".json"):
                    json.loads(content)
                elif key.endswith("_SUCCESS") and len(content) != 72:
                    raise ValueError("no mark")
            except (OSError, EOFError, ValueError, zlib.error) as error:
                self._problem(f"{key} is visible by halves: {error}")
            self.figures.objects += 1
            if not key.endswith("_head.json"):
                self._looked_at.add(key)

    def _published(self) -> None:
        """Everything acknowledged is published, once."""
        for key in self.archive.manifests():
            if key not in self._known_runs:
                self._known_runs.add(key)
                self._read_run(key)
        self.figures.published, self.figures.captures = self._found.total(), len(self._found_captures)
        if lost := self._acknowledged - set(self._found):
            self._problem(f"{len(lost)} acknowledged documents are lost: {sorted(lost)[:3]}")
        if lost := self._captures - self._found_captures:
            self._problem(f"{len(lost)} acknowledged captures are lost: {sorted(lost)[:3]}")
        if twice := [record for record, times in self._found.items() if times > 1]:
            self._problem(f"{len(twice)} documents are there twice: {twice[:3]}")

    def _read_run(self, key: str) -> None:
        for file in self.archive.manifest(key).files:
            if file.key.startswith("articles/"):
                lines = gzip.decompress(self.archive.store.read(file.key)).splitlines()
                self._found.update(json.loads(line)["capture"]["warc_record_id"] for line in lines)
            elif file.key.startswith("cdxj/"):
                lines = gzip.decompress(self.archive.store.read(file.key)).splitlines()
                self._found_captures |= {json.loads(line.split(b" ", 2)[2])["warc_record_id"] for line in lines}

    def check(self, depth: Depth = Depth.FULL) -> None:
        """The audit of the whole archive: no error."""
        self.figures.checks += 1
        for found in check_archive(self.archive, depth):
            if found.severity == "error":
                self._problem(str(found))

    def _problem(self, sentence: str) -> None:
        told = f"seed {self.seed}, run {self.figures.runs}: {sentence}"
        self.figures.problems.append(told)
        print(told, file=sys.stderr, flush=True)


def strays(archive: Archive) -> Iterator[str]:
    """What kills left lying that no manifest lists: notes, no damage."""
    return (found.file for found in check_archive(archive, Depth.QUICK) if found.rule == "stray")
