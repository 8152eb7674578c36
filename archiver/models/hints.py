"""What a source file may say about extraction; nothing that only one site needs belongs in code."""

from __future__ import annotations

from typing import Annotated

from lxml import etree
from pydantic import AfterValidator

from archiver.models.base import Record


def _xpath(value: str) -> str:
    try:
        found = etree.XPath(value)(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f'"{value}" is no XPath: {error}') from None
    if not isinstance(found, list):
        raise ValueError(f'"{value}" gives no elements; write a path, such as "//aside"')
    return value


class ExtractHints(Record):
    """`prune_xpath`: elements to remove from the page before its text is read."""

    prune_xpath: list[Annotated[str, AfterValidator(_xpath)]] = []
