"""Quotations in the body: what stands between quotation marks, with its speaker where a phrase beside it names one."""

from __future__ import annotations

from archiver.models.article import Paragraph, Quotation


def find_quotations(paragraphs: list[Paragraph], language: str | None) -> list[Quotation]:
    """Every quotation of the body in order."""
    return []
