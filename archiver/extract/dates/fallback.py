"""The last resorts for a publication date: the day in the URL, and htmldate's search of the page.

Belongs here: everything that is inferred rather than declared. The only importer of htmldate.
"""

from __future__ import annotations

import itertools
import re
from copy import deepcopy
from datetime import UTC, date, datetime

from htmldate import find_date
from lxml import etree, html
from lxml.html import HtmlElement

_URL_DAY = re.compile(r"(?<![\d])(19[9]\d|20\d{2})[/\-_.]?(0[1-9]|1[0-2])[/\-_.]?(0[1-9]|[12]\d|3[01])(?![\d])")
_URL_WORD = re.compile(r"/(20\d{2})/(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/(\d{1,2})/")
_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HTMLDATE_ELEMENTS_MAX = 30_000
"""Elements from which htmldate is not asked: its search of the whole text would take seconds."""


def url_day(url: str) -> tuple[date, str] | None:
    """(day, spelling) of a date in the URL's path or query; None when there is none or it does not exist."""
    text = url[:2083].lower()
    for match in _URL_DAY.finditer(text):
        try:
            return date(int(match[1]), int(match[2]), int(match[3])), match[0].strip("/-_.")
        except ValueError:
            continue
    if worded := _URL_WORD.search(text):
        try:
            return date(int(worded[1]), _SHORT.index(worded[2]) + 1, int(worded[3])), worded[0].strip("/")
        except ValueError:
            return None
    return None


def htmldate_day(tree: HtmlElement, url: str, fetch_time: datetime) -> datetime | None:
    """The publication day that htmldate finds in the visible part of the page, as UTC midnight. Slow: ask last.

    It gets a copy of `body` alone: in the head and in scripts it would take a date of change for one of publication.
    """
    body = next(tree.iter("body"), None)
    if body is None or sum(1 for _ in itertools.islice(body.iter(), HTMLDATE_ELEMENTS_MAX)) == HTMLDATE_ELEMENTS_MAX:
        return None
    root = html.Element("html")
    root.append(deepcopy(body))
    etree.strip_elements(root, "script", "style", "noscript", "template", "meta", with_tail=False)
    try:
        found = find_date(
            root,
            extensive_search=True,
            original_date=True,
            url=url,
            min_date="1990-01-01",
            max_date=fetch_time.strftime("%Y-%m-%d"),
            deferred_url_extractor=True,
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError, etree.LxmlError):
        return None  # a page that htmldate cannot read has no date for us; counted by the missing date itself
    if not found or found.endswith("-01-01"):
        return None  # a bare year, from a copyright line mostly, comes out as its first day
    try:
        return datetime.strptime(found, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
