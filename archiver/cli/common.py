"""What the verbs share: the two consoles, the options that every verb takes, and the edge where errors become sentences."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer
from rich.console import Console
from rich.text import Text

from archiver.cli.exits import Exit
from archiver.config import Config, load_config
from archiver.errors import ArchiverError, ConfigError, UsageError

P = ParamSpec("P")

MASKS: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    **dict.fromkeys((*range(127, 160), *range(55296, 57344), *range(8234, 8239), *range(8294, 8298)), "�"),
}
"""Characters that would command the terminal, or turn the order of what follows, and what is shown in their place. The marks
that Persian, Pashto and Urdu spelling needs (ZWNJ, ZWJ, LRM, RLM) stay."""


class SafeConsole(Console):
    """Prints what strangers wrote: names and posts cannot move the cursor, colour the screen or hide what they say."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*map(masked, objects), **options)


def masked(value: Any) -> Any:
    """Text without characters that command a terminal, each replaced by one that can be seen; other things as they are."""
    if isinstance(value, str):
        return value.translate(MASKS)
    if isinstance(value, Text):
        value = value.copy()
        value.plain = value.plain.translate(MASKS)
    return value


talk = SafeConsole(stderr=True, highlight=False, soft_wrap=True)
"""Everything said to people."""

paper = SafeConsole(highlight=False, soft_wrap=True)
"""What a verb was asked to show (`show`, `sources list`)."""

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The archive: a folder, or s3://BUCKET/PREFIX. Default: archiver.toml, else ./archive.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration. Default: ./archiver.toml where there is one."),
]


def configure(config: Path | None, store: str | None) -> Config:
    return load_config(config, store=store)


def edge(verb: Callable[P, int | None]) -> Callable[P, None]:
    """Runs a verb; its number is the exit code, and an error of ours is a sentence instead of a trace."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = verb(*args, **kwargs)
            sys.stdout.flush()
        except (ConfigError, UsageError) as error:
            code = complain(error, Exit.USAGE)
        except ArchiverError as error:
            code = complain(error, Exit.ERROR)
        except BrokenPipeError:  # `archiver extract … | head`: the reader has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = Exit.OK
        except KeyboardInterrupt:
            code = complain("interrupted", Exit.ERROR)
        raise typer.Exit(int(code or 0))

    return run


def complain(problem: object, code: Exit) -> Exit:
    """One sentence a line to stderr."""
    talk.print(f"archiver: {problem}", style="red", markup=False)
    return code
