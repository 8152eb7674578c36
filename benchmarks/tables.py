"""How measurements are printed: tables for people, one way for all benchmarks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

paper = Console(highlight=False, soft_wrap=True)
talk = Console(stderr=True, highlight=False, soft_wrap=True)


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table whose first column is text and whose others are figures."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    paper.print(table)


def ratio_line(name: str, ratios: Sequence[float], least: float, aim: float | None = None) -> str:
    """A ratio with its rounds, its target and whether it was met. Ratios are formed within a round, then the median is taken."""
    middle = median(ratios)
    wanted = f"at least {least:g}" + (f", aim {aim:g}" if aim else "")
    rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"{name}: {middle:.2f} ({wanted}: {'reached' if middle >= least else 'MISSED'}); rounds {rounds}"


def machine() -> str:
    """What the figures were measured on, as far as they depend on it."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load average before the run {load}"
