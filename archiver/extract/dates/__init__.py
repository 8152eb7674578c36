"""Dates: what a page says about when it was published and modified.

Belongs here: the places that name dates (`sources`, `visible`, `fallback`; `elsewhere` knows other articles' parts), reading one
spelling in any calendar (`parse`, `clock`, `relative`, `calendars`, `names`) and choosing among several (`choose`).
"""

from archiver.extract.dates.choose import Candidate, Chosen, choose
from archiver.extract.dates.parse import DateContext, ParsedDate, parse_date
from archiver.extract.dates.sources import DateSources, find_dates

__all__ = [
    "Candidate",
    "Chosen",
    "DateContext",
    "DateSources",
    "ParsedDate",
    "choose",
    "find_dates",
    "parse_date",
]
