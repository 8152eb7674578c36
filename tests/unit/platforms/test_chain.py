"""Chains: what is asked next, what all answers together say, when to ask again, and the document they make."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.models.post import Attempt
from archiver.platforms import match
from archiver.platforms.base import PostRef
from archiver.platforms.chain import (
    Done,
    build_post,
    carry_over,
    next_step,
    recheck_due,
    refusals,
    refused,
    retry_due,
    status_of,
    steps_of,
)
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Step
from archiver.reasons import NotAttempted, PostOutcome
from tests.unit.platforms.kit import NOW, methods, options, outcomes, run, x_post

ID = "1986488750699450999"
REF = PostRef("x", ID, f"https://x.com/ferry_watch/status/{ID}", "ferry_watch")
DAY = 86400


def attempt(method: str, outcome: str, seconds: int = 0, **more: object) -> Attempt:
    fields = {
        "method": method,
        "url": f"https://{method}.example/",
        "at": NOW + timedelta(seconds=seconds),
        "outcome": outcome,
    }
    return Attempt.model_validate({**fields, **more})


def status(*said: str, known: bool = False, retries: int = 4) -> str:
    """The status of attempts given as `method:outcome`."""
    return status_of([attempt(*one.split(":")) for one in said], known, retries).value


@pytest.mark.parametrize(
    ("said", "known", "expected"),
    [
        ((), False, "not_attempted"),
        (("syndication:not_attempted", "oembed:not_attempted"), True, "not_attempted"),
        (("syndication:ok",), False, "captured"),
        (("syndication:deleted", "oembed:ok"), True, "captured"),
        (("syndication:deleted", "oembed:partial"), True, "captured_partial"),
        (("syndication:deleted",), True, "unavailable"),
        (("syndication:deleted", "oembed:blocked"), True, "pending"),
        (("syndication:deleted", "oembed:not_found"), False, "deleted"),
        (("syndication:not_found", "oembed:not_found"), True, "deleted"),
        (("syndication:not_found", "oembed:not_found"), False, "not_found"),
        (("syndication:not_found",), True, "unavailable"),
        (("syndication:unavailable", "oembed:not_found"), True, "unavailable"),
        (("syndication:suspended",), True, "suspended"),
        (("syndication:suspended", "oembed:not_found"), True, "suspended"),
        (("syndication:protected", "oembed:protected"), True, "protected"),
        (("syndication:deleted", "api:suspended"), True, "unavailable"),
        (("syndication:age_gated", "oembed:not_found"), True, "age_gated"),
        (("syndication:throttled", "oembed:network"), True, "pending"),
        (("api:login_wall", "oembed:login_wall"), False, "login_wall"),
        (("syndication:not_found", "page:login_wall"), False, "unavailable"),
        (("syndication:schema_drift", "oembed:bad_request"), True, "unavailable"),
        (("fxtwitter:not_found", "syndication:not_found"), True, "unavailable"),
        (("fxtwitter:not_found", "fxtwitter:not_found", "syndication:not_found"), True, "deleted"),
        (("syndication:not_found", "oembed:not_found", "wayback:partial"), True, "deleted"),
        (("wayback-index:ok", "wayback:ok"), False, "not_attempted"),
    ],
)
def test_what_all_answers_together_say(said: tuple[str, ...], known: bool, expected: str) -> None:
    assert status(*said, known=known) == expected


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("method", ["syndication", "oembed", "api", "page", "fxtwitter"])
@pytest.mark.parametrize("outcome", [outcome.value for outcome in PostOutcome])
def test_one_answer_alone_never_makes_deleted(method: str, outcome: str, known: bool) -> None:
    assert status(f"{method}:{outcome}", known=known) != "deleted"


def test_a_failed_request_never_makes_deleted_whatever_else_failed() -> None:
    failures = [
        "throttled",
        "network",
        "blocked",
        "schema_drift",
        "bad_request",
        "login_wall",
        "not_attempted",
        "unavailable",
    ]
    for first, second in itertools.product(failures, failures):
        for retries in (0, 4):
            assert status(f"syndication:{first}", f"oembed:{second}", known=True, retries=retries) not in (
                "deleted",
                "not_found",
            )


def test_the_status_does_not_depend_on_the_order_of_methods() -> None:
    said = ["syndication:deleted", "oembed:partial", "page:login_wall", "api:suspended"]
    for size in range(1, 5):
        for chosen in itertools.combinations(said, size):
            assert len({status(*order, known=True) for order in itertools.permutations(chosen)}) == 1


def test_a_live_post_behind_a_false_tombstone_wins(fake: FakePlatforms) -> None:
    fake.put(x_post(state="false-tombstone", states={"x.page": "wall"}))
    attempts, readings, _ = run(REF, options(fake))
    assert outcomes(attempts)[:2] == ["deleted", "partial"]
    post = build_post(REF, attempts, readings, fetch_time=NOW, known_to_exist=True)
    assert (post.status, post.text) == ("captured_partial", "The night boat left on time.")


def test_a_gone_answer_goes_on_until_one_more_method_has_answered(fake: FakePlatforms) -> None:
    attempts, _, done = run(REF, options(fake, wayback=False))
    assert methods(attempts) == ["syndication", "oembed"]
    assert done == Done("gone")


def test_a_gone_answer_beside_a_failed_one_asks_a_third_method(fake: FakePlatforms) -> None:
    fake.put(x_post(state="deleted", states={"x.oembed": "payment"}))
    attempts, _, _ = run(REF, options(fake, wayback=False))
    assert methods(attempts) == ["syndication", "oembed", "page", "page", "page"]
    assert [attempt.url.partition("/x.page")[2] for attempt in attempts[2:] if attempt.url] == [
        f"/ferry_watch/status/{ID}",
        f"/i/status/{ID}",
        f".old/ferry_watch/status/{ID}",
    ]


def test_a_deleted_post_is_looked_for_in_the_wayback_machine_and_stays_deleted(fake: FakePlatforms) -> None:
    fake.put(x_post(state="deleted", copies=True))
    attempts, readings, done = run(REF, options(fake))
    assert methods(attempts) == ["syndication", "oembed", "wayback-index", "wayback"]
    assert done == Done("copied")
    post = build_post(REF, attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.text_basis) == ("deleted", "The night boat left on time.", "third-party")
    assert (post.obtained_via, post.terms) == ("wayback", "third-party")


def test_both_host_names_are_looked_up_before_the_search_for_copies_ends(fake: FakePlatforms) -> None:
    attempts, _, _ = run(REF, options(fake))
    assert [a.url.partition("url=")[2][:9] for a in attempts if a.method == "wayback-index" and a.url] == [
        "twitter.c",
        "x.com%2Ff",
    ]


def test_a_protected_post_is_not_looked_for_elsewhere(fake: FakePlatforms) -> None:
    fake.put(x_post(state="protected", copies=True))
    attempts, readings, _ = run(REF, options(fake))
    assert "wayback-index" not in methods(attempts)
    assert build_post(REF, attempts, readings, fetch_time=NOW).status == "protected"


def test_a_live_post_is_not_looked_for_in_archives(fake: FakePlatforms) -> None:
    fake.put(x_post(states={"x.syndication": "throttled", "x.page": "wall"}, copies=True))
    attempts, readings, _ = run(REF, options(fake))
    assert "wayback" not in methods(attempts)
    assert build_post(REF, attempts, readings, fetch_time=NOW).status == "captured_partial"


def test_the_first_whole_text_ends_the_chain(fake: FakePlatforms) -> None:
    fake.put(x_post())
    attempts, _, done = run(REF, options(fake))
    assert methods(attempts) == ["syndication"]
    assert done == Done("ok")


def test_robots_txt_leaves_a_step_out_and_the_chain_goes_on(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="Long and whole."))
    chosen = options(fake, third_party="notes")
    attempts, _, _ = run(REF, chosen)
    pages = [step for step in steps_of(REF, chosen) if step.method == "page"]
    kept = [*attempts[:2], *(refused(page, NotAttempted.ROBOTS, NOW) for page in pages)]
    following = next_step(REF, chosen, kept)
    assert isinstance(following, Step) and following.method == "fxtwitter"


def test_a_platform_that_is_off_is_not_asked() -> None:
    chosen = PlatformOptions(platforms=frozenset({"bluesky"}))
    assert next_step(REF, chosen, []) == Done("exhausted")
    assert {step.refused for step in steps_of(REF, chosen)} == {NotAttempted.SWITCHED_OFF}


@pytest.mark.parametrize(
    "url", ["https://www.facebook.com/page/posts/123456789", "https://www.instagram.com/p/CODE12345/"]
)
def test_metas_networks_are_off_by_default(url: str) -> None:
    ref = match(url)
    assert ref is not None
    assert next_step(ref, PlatformOptions(), []) == Done("exhausted")
    assert {step.refused for step in steps_of(ref, PlatformOptions())} == {NotAttempted.TERMS}
    assert isinstance(next_step(ref, PlatformOptions(meta_oembed=True), []), Step)


def test_x_without_a_key_is_one_switch() -> None:
    assert next_step(REF, PlatformOptions(x_keyless=False), []) == Done("exhausted")


def test_the_budget_keeps_paid_steps_out() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"}, x_bearer_use="first")
    assert isinstance(first := next_step(REF, chosen, [], spent_usd=0.05), Step) and first.method == "api"
    assert isinstance(second := next_step(REF, chosen, [], spent_usd=0.09), Step) and second.method == "syndication"


def test_what_was_not_needed_was_not_left_out() -> None:
    assert refusals(REF, PlatformOptions(), [attempt("syndication", "ok")], NOW) == []
    told = refusals(REF, PlatformOptions(), [attempt("syndication", "partial")], NOW)
    assert methods(told) == ["api", "fxtwitter"]


def test_a_step_that_the_budget_left_out_says_so() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"})
    told = {
        a.method: a.reason_text for a in refusals(REF, chosen, [attempt("syndication", "partial")], NOW, spent_usd=0.10)
    }
    assert told["api"] == NotAttempted.BUDGET


def test_the_last_cent_of_the_budget_may_be_spent() -> None:
    chosen = PlatformOptions(x_budget_usd_per_article=0.3)
    assert chosen.affords(0.1 + 0.1, 0.1)
    assert not chosen.affords(0.3, 0.005)
    assert chosen.affords(0.4, 0.0)


def test_a_step_that_nobody_wanted_any_more_was_not_left_out_by_the_budget() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"})
    said = [attempt("syndication", "deleted"), attempt("oembed", "not_found")]
    assert "api" not in methods(refusals(REF, chosen, said, NOW, spent_usd=0.10))


def test_two_answers_without_a_reason_are_confirmed_by_who_can_name_it() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"})
    plain = [attempt("syndication", "not_found"), attempt("oembed", "not_found")]
    asked = {step.method: step.url for step in steps_of(REF, chosen)}
    plain = [one.model_copy(update={"url": asked[one.method]}) for one in plain]
    wanted = next_step(REF, chosen, plain)
    assert isinstance(wanted, Step) and wanted.method == "api"
    named = [plain[0].model_copy(update={"outcome": "deleted"}), plain[1]]
    after = next_step(REF, chosen, named)
    assert not isinstance(after, Step) or after.method != "api"
    assert methods(refusals(REF, chosen, plain, NOW, spent_usd=0.10)) == ["fxtwitter", "api"]
    keyless = next_step(REF, PlatformOptions(), plain)
    assert not isinstance(keyless, Step) or keyless.method == "wayback-index"


def test_two_addresses_of_one_method_are_one_round() -> None:
    pages = [
        attempt("page", "blocked", second, url=f"https://x.com/{path}/status/{ID}")
        for second, path in enumerate(("ferry_watch", "i"))
    ]
    assert retry_due("pending", pages) == NOW + timedelta(seconds=1 + 3600)
    assert status_of(pages * 3, False) == "pending"  # three rounds of four


def test_a_new_round_repeats_only_what_may_be_retried() -> None:
    kept = carry_over([attempt("syndication", "throttled"), attempt("oembed", "not_found"), attempt("page", "blocked")])
    assert methods(kept) == ["oembed"]


@pytest.mark.parametrize(("failures", "seconds"), [(1, 3600), (2, 21600), (3, DAY), (4, 7 * DAY)])
def test_retries_come_after_an_hour_six_hours_a_day_and_a_week(failures: int, seconds: int) -> None:
    attempts = [attempt("syndication", "throttled", number) for number in range(failures)]
    assert status_of(attempts, False).value == "pending"
    assert retry_due("pending", attempts) == NOW + timedelta(seconds=failures - 1 + seconds)


def test_after_the_last_retry_a_post_is_unavailable_and_not_deleted() -> None:
    attempts = [attempt("syndication", "throttled", number) for number in range(5)]
    assert status_of(attempts, True).value == "unavailable"
    assert retry_due("unavailable", attempts) is None


def test_the_servers_own_wish_wins_when_it_is_later() -> None:
    attempts = [attempt("syndication", "throttled", retry_after=7200)]
    assert retry_due("pending", attempts) == NOW + timedelta(seconds=7200)


def test_captured_posts_are_looked_at_again_after_a_day_and_a_month() -> None:
    assert recheck_due("captured", NOW, 0) == NOW + timedelta(days=1)
    assert recheck_due("captured_partial", NOW, 1) == NOW + timedelta(days=30)
    assert recheck_due("captured", NOW, 2) is None
    assert recheck_due("deleted", NOW, 0) is None
