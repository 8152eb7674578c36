"""The account of what pages need: each URL once, within budgets, and a page is complete when all it needs was answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.requisites import Answer, Budgets, Ledger
from archiver.requisites.ledger import LISTED_MAX, WAVE

GOOD = Answer(200, "urn:uuid:1", None, 1000)
LOST = Answer(404, None, "http-error")


def asked(step: object) -> list[str]:
    return [url for url, _ in step.ask]  # type: ignore[attr-defined]


def test_a_page_is_complete_when_everything_was_answered() -> None:
    ledger = Ledger()
    assert asked(ledger.begin("/page", "1", ["/a", "/b", "/a"])) == ["/a", "/b"]
    assert ledger.settle("/a", GOOD).pages == ()
    ((account, answers),) = ledger.settle("/b", LOST).pages
    assert (account.url, account.record_id, account.needed, account.captured, account.bytes) == (
        "/page",
        "1",
        2,
        1,
        1000,
    )
    assert [(one.url, one.reason) for one in account.left_out] == [("/b", "http-error")]
    assert answers == {"/a": GOOD, "/b": LOST}


def test_a_page_without_needs_is_complete_at_once() -> None:
    ((account, _),) = Ledger().begin("/page", "1", []).pages
    assert account.needed == 0
    ((account, _),) = Ledger().begin("/page", "1", [], had=["/by-browser"]).pages
    assert (account.needed, account.captured) == (1, 1)


def test_what_two_pages_need_is_asked_once() -> None:
    ledger = Ledger()
    assert asked(ledger.begin("/1", "1", ["/logo"])) == ["/logo"]
    assert asked(ledger.begin("/2", "2", ["/logo"])) == []
    assert {account.url for account, _ in ledger.settle("/logo", GOOD).pages} == {"/1", "/2"}
    ((account, _),) = ledger.begin("/3", "3", ["/logo"]).pages
    assert account.captured == 1


def test_a_stylesheet_brings_its_own_needs_to_every_page_that_has_it() -> None:
    ledger = Ledger()
    ledger.begin("/1", "1", ["/s.css"])
    step = ledger.settle("/s.css", GOOD, ["/font", "/s.css"])
    assert asked(step) == ["/font"] and step.pages == ()
    assert asked(ledger.begin("/2", "2", ["/s.css"])) == []
    done = ledger.settle("/font", LOST).pages
    assert {(account.url, account.needed, account.captured) for account, _ in done} == {("/1", 2, 1), ("/2", 2, 1)}


def test_budgets_leave_the_rest_with_a_reason() -> None:
    ledger = Ledger(Budgets(per_page=2, per_run=3))
    assert asked(ledger.begin("/1", "1", ["/a", "/b", "/c"])) == ["/a", "/b"]
    assert asked(ledger.begin("/2", "2", ["/c", "/d", "/a"])) == ["/c"]
    ledger.settle("/a", GOOD)
    ((one, _),) = ledger.settle("/b", GOOD).pages
    assert (one.captured, [(left.url, left.reason) for left in one.left_out]) == (2, [("/c", "budget-spent")])
    ((two, _),) = ledger.settle("/c", GOOD).pages
    assert (two.captured, [left.url for left in two.left_out]) == (2, ["/d"])


def test_bytes_stop_what_was_not_asked_yet() -> None:
    ledger = Ledger(Budgets(page_bytes=1500))
    urls = [f"/{number}" for number in range(WAVE + 10)]
    first = asked(ledger.begin("/1", "1", urls))
    assert first == urls[:WAVE]
    later = [one for url in first for one in asked(ledger.settle(url, GOOD))]
    assert len(later) == 1, "one more was asked before the second answer spent the budget"
    ((account, _),) = ledger.settle(later[0], GOOD).pages
    assert account.captured == WAVE + 1 and account.needed == len(urls)


def test_a_run_that_ends_says_what_it_still_waited_for() -> None:
    ledger = Ledger()
    ledger.begin("/1", "1", ["/a", "/b"])
    ledger.settle("/a", GOOD)
    ((account, _),) = ledger.rest().pages
    assert [(left.url, left.reason) for left in account.left_out] == [("/b", "run-ended")]
    assert ledger.rest().pages == () and ledger.settle("/b", GOOD).pages == ()


def test_what_is_left_out_is_listed_up_to_a_limit() -> None:
    ledger = Ledger(Budgets(per_page=0))
    ((account, _),) = ledger.begin("/1", "1", [f"/{n}" for n in range(LISTED_MAX * 2)]).pages
    assert (account.needed, account.captured, len(account.left_out)) == (LISTED_MAX * 2, 0, LISTED_MAX)


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=5),
    st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=10, max_size=10),
    st.randoms(use_true_random=False),
)
def test_every_page_ends_whatever_needs_what(pages: list[list[int]], children: list[list[int]], dice: object) -> None:
    ledger, waiting, done, once = Ledger(), [], [], []
    steps = [ledger.begin(f"/p{n}", str(n), [f"/{need}" for need in needs]) for n, needs in enumerate(pages)]
    while steps or waiting:
        for step in steps:
            waiting += asked(step)
            once += asked(step)
            done += [account.record_id for account, _ in step.pages]
        if not waiting:
            break
        url = waiting.pop(dice.randrange(len(waiting)))  # type: ignore[attr-defined]
        steps = [ledger.settle(url, GOOD, [f"/{need}" for need in children[int(url[1:])]])]
    assert sorted(done) == sorted(str(n) for n in range(len(pages)))
    assert len(once) == len(set(once))
