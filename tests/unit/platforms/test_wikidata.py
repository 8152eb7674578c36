"""Accounts from Wikidata: the one item of a name, and nobody when two fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.platforms.accounts import Accounts, resolve_author
from archiver.platforms.steps import Answer
from archiver.platforms.wikidata import PROPERTIES, Found, items_step, read_items, read_search, search_step
from tests.unit.platforms.kit import NOW, ask, options


def found(fake: FakePlatforms, name: str, kind: str | None = "person", network: str = "x") -> Found | None:
    chosen = options(fake)
    items = read_search(ask(search_step(name, "en", chosen)))
    return read_items(ask(items_step(items, chosen)), name, network, NOW, kind)


def test_the_one_person_of_a_name_is_found_with_the_number_of_the_account(fake: FakePlatforms) -> None:
    assert found(fake, "Sara Haidari") == Found("shaidari_demo", "Q900000001", "4455667788")
    assert found(fake, "Sara Haidari", "organization") == Found("haidari_foundation", "Q900000005", "4455667788")


def test_namesakes_are_nobody(fake: FakePlatforms) -> None:
    assert found(fake, "Omar Sayeed") is None
    assert found(fake, "Sara Haidari", kind=None) is None


def test_a_namesake_without_an_account_makes_a_name_nobodys(fake: FakePlatforms) -> None:
    assert found(fake, "Farid Latif") is None
    assert found(fake, "Farid Latif", kind=None) is None


def test_the_dead_and_mere_names_are_no_namesakes(fake: FakePlatforms) -> None:
    account = found(fake, "Leila Darwish", kind=None)
    assert account is not None and account.username == "leila_d"


def test_an_account_that_was_given_up_or_deprecated_is_not_taken(fake: FakePlatforms) -> None:
    account = found(fake, "Nargis Amiri")
    assert account is not None and account.username == "new_nargis"


def test_a_person_without_an_account_there_is_nobody(fake: FakePlatforms) -> None:
    assert found(fake, "Kamal Noor") is None
    assert found(fake, "Sara Haidari", network="telegram") is None
    assert found(fake, "Nobody At All") is None


def test_a_failure_is_no_statement(fake: FakePlatforms) -> None:
    fake.net.timelines["wikidata"] = "throttled"
    assert found(fake, "Sara Haidari") is None


@pytest.mark.parametrize(
    "value",
    [None, [], {"entities": []}, {"entities": {"Q1": None}}, {"entities": {"Q1": {"labels": [], "aliases": 5, "claims": {"P2002": {}}}}},
     {"entities": {"Q1": {"labels": {"en": {"value": "A B"}}, "claims": {"P2002": [{"mainsnak": 1}, {"mainsnak": {"datavalue": {"value": {}}}}]}}}},
     {"search": [{"id": 5}, {"id": "P1"}, {}]}],
)  # fmt: skip
def test_odd_answers_name_nobody(value: Any) -> None:
    answer = Answer(200, (), json.dumps(value).encode(), "")
    assert read_items(answer, "A B", "x", NOW) is None
    assert read_search(answer) == []


def test_wikidata_is_trusted_before_an_unchecked_entry_and_after_the_page() -> None:
    assert resolve_author("Sara Haidari", None, wikidata="w", accounts=Accounts([])) == ("w", "wikidata")
    assert resolve_author("Sara Haidari", "@printed", wikidata="w", accounts=Accounts([])) == ("printed", "printed")
    assert resolve_author(None, None, wikidata="w", accounts=Accounts([])) is None


def test_every_network_with_a_property_is_known() -> None:
    from archiver.platforms import PLATFORMS

    assert set(PROPERTIES) <= set(PLATFORMS)
