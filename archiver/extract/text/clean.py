"""Dropping the lines that are no text of the article. First version."""

from __future__ import annotations

from lxml.html import HtmlElement


def clean_lines(lines: list[str], tree: HtmlElement, headlines: list[str], names: list[str]) -> list[str]:
    kept = []
    for line in lines:
        line = line.strip()
        if line.startswith("- "):
            line = line[2:]
        if line:
            kept.append(line)
    return kept
