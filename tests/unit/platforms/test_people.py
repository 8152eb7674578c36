"""The search for accounts of a name: which names may be asked, what it costs, and whose a name is."""

from __future__ import annotations

import json

import pytest

from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer
from archiver.platforms.x.people import USERS_MAX, read_users, reading_of, users_step

TOKEN = PlatformOptions.from_environment({"POSTS_X_BEARER": "secret-token"})


def answer(*users: tuple[str, str, str], status: int = 200) -> Answer:
    data = [{"id": number, "name": name, "username": username} for number, name, username in users]
    return Answer(status, (("content-type", "application/json"),), json.dumps({"data": data}).encode())


def test_the_request_names_the_name_and_holds_the_token_in_a_header_only() -> None:
    step = users_step("Sara Haidari", TOKEN)
    assert step is not None and step.refused is None
    assert "query=Sara+Haidari" in step.url and f"max_results={USERS_MAX}" in step.url
    assert "secret-token" not in step.url and "secret-token" not in repr(step)
    assert step.cost_usd == pytest.approx(0.05) and TOKEN.affords(0.05, step.cost_usd)
    assert step.series == "x-developer"


@pytest.mark.parametrize("name", ["سارا حیدری", "Zoë", "a" * 51, "A", "name; drop", ""])
def test_a_name_that_the_endpoint_does_not_take_is_not_asked(name: str) -> None:
    assert users_step(name, TOKEN) is None


def test_without_a_token_the_step_says_so() -> None:
    step = users_step("Sara Haidari", PlatformOptions())
    assert step is not None and step.refused == "no_credentials"


def test_the_one_account_of_the_very_name_is_taken() -> None:
    found = answer(("1", "Sara Haidari", "sara"), ("2", "Sara Haidari fans", "fans"))
    assert read_users(found, "sara  haidari") == ("sara", "1")


@pytest.mark.parametrize(
    "said",
    [
        answer(("1", "Sara Haidari", "sara"), ("2", "Sara Haidari", "other")),
        answer(("1", "Somebody Else", "sara")),
        answer(),
        answer(("1", "Sara Haidari", "sara"), status=429),
        Answer(200, (("content-type", "application/json"),), b"[" * 5000),
        Answer(200, (("content-type", "application/json"),), b'{"data": {"name": 3}}'),
        Answer(None, network_error="timeout"),
    ],
)
def test_two_accounts_none_and_failures_are_nobody(said: Answer) -> None:
    assert read_users(said, "Sara Haidari") is None


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "ok"), (401, "blocked"), (429, "throttled"), (None, "network"), (500, "network")]
)
def test_an_answer_is_worth_what_its_status_says(status: int | None, outcome: str) -> None:
    said = Answer(status, (("content-type", "application/json"),), b'{"data": []}')
    assert reading_of(said).outcome == outcome
