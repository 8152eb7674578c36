"""Dates: what a page says about when it was published and modified.

Belongs here: reading one spelling of a date in any calendar (`parse`, `relative`, `calendars`) and choosing among the
candidates that a page offers (`choose`). Where candidates come from is `metadata`'s knowledge.
"""

from archiver.extract.dates.choose import Candidate, Chosen, choose
from archiver.extract.dates.fallback import htmldate_day, url_day
from archiver.extract.dates.parse import DateContext, ParsedDate, parse_date
from archiver.extract.dates.visible import label_candidates, time_candidates

__all__ = [
    "Candidate",
    "Chosen",
    "DateContext",
    "ParsedDate",
    "choose",
    "htmldate_day",
    "label_candidates",
    "parse_date",
    "time_candidates",
    "url_day",
]
