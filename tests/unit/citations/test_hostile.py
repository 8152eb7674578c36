"""Pages that mean harm: thousands of embeds, megabytes in an attribute, deep JSON, letters that turn the line. Bounded, never a crash."""

from __future__ import annotations

import json
import time

import pytest

from archiver.citations.assemble import CITATIONS_MAX
from tests.unit.citations.pages import FIRST, LAST, SECOND, cited, quoted

SECONDS = 20.0
"""Far above what any of these takes alone; a pass that is quadratic in the page is far above it."""

X = "1790000000000000000"


def _timed(inner: str) -> int:
    start = time.process_time()
    count = len(cited(inner))
    assert time.process_time() - start < SECONDS
    return count


def test_ten_thousand_embeds_are_cut_at_the_bound() -> None:
    embed = '<blockquote class="twitter-tweet"><p>t</p>&mdash; A (@a) <a href="https://x.com/a/status/{}">d</a></blockquote>'
    assert _timed("".join(embed.format(10**18 + number) for number in range(10_000))) == CITATIONS_MAX


@pytest.mark.parametrize(
    "inner",
    [
        '<div data-x="' + "https://x.com/a/status/12 " * 100_000 + '"></div>',
        '<div data-x="' + "<blockquote class=twitter-tweet><a href=//x.com/a/status/123>" * 20_000 + '"></div>',
        '<div data-x="twitter.com/' + "%25" * 500_000 + '"></div>',
        "<p>" + "https://x.com/" * 80_000 + "</p>",
        "<p>" + "— A " * 30_000 + "(@a)</p>",
        "<script>x=" + "[" * 100_000 + f'"https://twitter.com/a/status/{X}"' + "]" * 100_000 + "</script>",
        f'<script>x="twitter.com/a/status/{X}";' + "{" * 200_000 + "</script>",
        '<script type="application/json">' + '{"a":' * 900 + json.dumps(f"{FIRST} https://twitter.com/a/status/{X}") + "}" * 900 + "</script>",
        '<script type="application/json">{"tweet": 1e999, "status": [null, {"html": 7, "url": ["//x.com/a/status/1", {}]}]}</script>',
        "<div>" * 2_000 + f'<a href="https://x.com/a/status/{X}">x</a>',
    ],
)  # fmt: skip
def test_huge_and_deep_markup_is_bounded(inner: str) -> None:
    assert _timed(inner) <= CITATIONS_MAX


def test_lone_surrogates_of_a_state_reach_no_document() -> None:
    state = f'{{"body": [{{"html": "<p>{FIRST}</p>"}}, {{"html": "<p>{SECOND}</p>"}}, {{"url": "https://x.com/a\\ud800/status/{X}"}}, {{"\\udc00url": "https://x.com/a/status/{X}"}}]}}'
    for citation in cited(f'<script type="application/json">{state}</script>'):
        citation.model_dump_json().encode()


def test_letters_that_turn_the_line_do_not_hide_the_author() -> None:
    (found,) = cited(
        f'<blockquote class="twitter-tweet"><p>\u202eopen\u202c</p>&mdash; Sara (\u202e@sara\u202c) <a href="https://x.com/sara/status/{X}">d</a></blockquote>'
    )
    assert (found.native_id, found.username) == (X, "sara")


def test_prose_without_end_is_bounded() -> None:
    start = time.process_time()
    quoted(
        "\n".join(
            [FIRST, SECOND, LAST, *["said on the on the " * 200 + " X"] * 100, *["“" * 3_000 + " posted on X"] * 50]
        )
    )
    assert time.process_time() - start < SECONDS
