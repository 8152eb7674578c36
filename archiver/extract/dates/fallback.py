"""The last resorts for a publication date: the day in the URL, and htmldate's search of the page.

Belongs here: everything that is inferred rather than declared. The only importer of htmldate.
"""

from __future__ import annotations

import itertools
import re
from copy import deepcopy
from datetime import UTC, date, datetime

from htmldate import extractors, find_date
from lxml import etree, html
from lxml.html import HtmlElement

from archiver.extract.dates.elsewhere import in_site_head
from archiver.extract.dates.parse import DateContext, parse_date

_URL_DAY = re.compile(r"(?<![\d])(19[9]\d|20\d{2})[/\-_.]?(0[1-9]|1[0-2])[/\-_.]?(0[1-9]|[12]\d|3[01])(?![\d])")
_URL_WORD = re.compile(r"/(20\d{2})/(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/(\d{1,2})/")
_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HTMLDATE_ELEMENTS_MAX = 30_000
"""Elements from which htmldate is not asked: its search of the whole text would take seconds."""


class _WrittenDates:
    """What htmldate asks about a date in words: our reader of spellings, in place of dateparser.

    dateparser takes 1.4 s once per process to prepare every language it knows, and 13 ms a spelling; ours knows the months of the
    same languages. Nothing of the page is told to it, because htmldate remembers answers from page to page. It wants the whole
    year, and no label before the day ("updated on: …"): which date a label means is for those who know labels.
    """

    _NO_PAGE = DateContext(datetime(2999, 1, 1, tzinfo=UTC))
    _BARE = re.compile(r"[^\d:]*\d(?=.*(?<!\d)\d{4}(?!\d)|\d{3}(?!\d))", re.DOTALL)

    def get_date_data(self, spelling: str) -> dict[str, datetime | None]:
        found = parse_date(spelling, self._NO_PAGE) if self._BARE.match(spelling) else None
        return {"date_obj": found.moment.replace(tzinfo=None) if found else None}


extractors.get_external_parser = _WrittenDates  # type: ignore[assignment]


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


def htmldate_day(
    tree: HtmlElement, url: str, fetch_time: datetime, heading: HtmlElement | None = None
) -> datetime | None:
    """The publication day that htmldate finds in the visible part of the page, as UTC midnight. Slow: ask last.

    It gets a copy of `body` alone: in the head and in scripts it would take a date of change for one of publication. What stands
    above `heading` for the whole site, today's date among it, is left out.
    """
    body = next(tree.iter("body"), None)
    if body is None or sum(1 for _ in itertools.islice(body.iter(), HTMLDATE_ELEMENTS_MAX)) == HTMLDATE_ELEMENTS_MAX:
        return None
    root = html.Element("html")
    root.append(deepcopy(body))
    until_heading = itertools.takewhile(lambda one: one is not heading, body.iter())
    heads = [at for at, one in enumerate(until_heading) if in_site_head(one, heading)]
    copies = list(itertools.islice(root[0].iter(), heads[-1] + 1)) if heads else []
    for at in heads:
        copies[at].clear(keep_tail=True)
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
