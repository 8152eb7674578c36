"""The command's parts that need no crawl: exit codes, the edge where errors become sentences, the summary table."""

from __future__ import annotations

from datetime import timedelta

import pytest
import typer
from rich.console import Console

from archiver.cli.common import edge
from archiver.cli.exits import Exit
from archiver.cli.progress import summary_table
from archiver.errors import ConfigError, StoreError, UsageError, WarcError
from archiver.models import RunFile, RunManifest
from archiver.models.run import ReasonCount
from tests.unit.making import NOON, RUN


def manifest(captures: int = 3) -> RunManifest:
    files = [
        RunFile(key="warc/a/dt=2026-11-24/x.warc.gz", bytes=1, records=captures, sha256="0"),
        RunFile(key="articles/v1/dt=2026-11-24/source=a/part.jsonl.gz", bytes=1, records=2, sha256="0"),
    ]
    return RunManifest(
        run_id=RUN,
        started=NOON,
        finished=NOON + timedelta(seconds=5),
        software="test/1",
        sources=["a"],
        files=files,
        captures=captures,
        articles=2,
        reasons=[ReasonCount(source="a", reason="empty", count=1)],
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("say what"), Exit.USAGE),
        (ConfigError(["a.toml: x: wrong", "a.toml: y: wrong"]), Exit.USAGE),
        (StoreError("k: refused"), Exit.ERROR),
        (WarcError("f", 3, "rule", "broken"), Exit.ERROR),
        (KeyboardInterrupt(), Exit.ERROR),
    ],
)
def test_an_error_of_ours_is_a_sentence_and_a_code(
    error: BaseException, code: Exit, capsys: pytest.CaptureFixture[str]
) -> None:
    @edge
    def verb() -> int:
        raise error

    with pytest.raises(typer.Exit) as caught:
        verb()
    assert caught.value.exit_code == code
    said = capsys.readouterr().err
    assert said.startswith("archiver: ")
    assert str(error) in said
    assert "Traceback" not in said


def test_an_error_that_is_not_ours_is_not_hidden() -> None:
    @edge
    def verb() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verb()


def test_exit_codes_never_change() -> None:
    assert {code.name: code.value for code in Exit} == {
        "OK": 0,
        "ERROR": 1,
        "USAGE": 2,
        "BELOW_EXPECTATION": 3,
        "UNPUBLISHED": 4,
        "DAMAGED": 5,
        "LOCKED": 6,
    }


def test_the_summary_tells_pages_from_their_files_and_says_every_reason() -> None:
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    counts = [ReasonCount(source="demo", reason="http-error", count=5, requisites=3)]
    known = manifest()
    source = known.sources[0]
    counts = [count.model_copy(update={"source": source}) for count in counts]
    console.print(summary_table(known.model_copy(update={"reasons": [*known.reasons, *counts]})))
    rows = [line.split("│") for line in console.export_text().splitlines() if line.startswith("│")]
    found = {row[2].strip(): (row[3].strip(), row[4].strip()) for row in rows}
    assert found["new articles and new versions"] == ("2", "")
    assert found["http-error: the server answered with an error status"] == ("2", "3")
    assert found["empty: the payload is empty"] == ("1", "")
    assert "3 answers recorded in all" in found
