"""The closed lists of why something was not kept.

Belongs here: enums whose values appear in reports, JSON and statistics. A new way to lose something needs a new member, a
sentence and a test; there is no "other".
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a URL gave no document. The value is what reports and statistics print."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Reason:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    # Never asked, or not allowed to ask.
    BAD_URL = "bad-url", "the URL cannot be requested"
    OFF_SITE = "off-site", "the link leads to a host that the source does not cover"
    DENIED_BY_SOURCE = "denied-by-source", "the source's [articles] patterns leave the URL out"
    DUPLICATE = "duplicate", "the same URL was already asked for in this run"
    NOT_DUE = "not-due", "the URL is known and not due again yet"
    HOST_PAUSED = "host-paused", "the host asked to wait for longer than this run waits"
    HOST_FORBIDS = "host-forbids", "the host answered 403 again and again, so the run left it alone"
    DISALLOWED_BY_ROBOTS = "disallowed-by-robots", "robots.txt forbids the URL"
    ROBOTS_UNREACHABLE = "robots-unreachable", "robots.txt could not be read, which RFC 9309 makes a complete disallow"
    CRAWL_DELAY_TOO_LONG = "crawl-delay-too-long", "robots.txt asks for a longer delay than this crawler waits"
    PRIVATE_ADDRESS = "private-address", "the URL leads to a private, loopback or link-local address"
    BUDGET_SPENT = "budget-spent", "the run's page or time budget was spent first"
    RUN_ENDED = "run-ended", "the run was stopped before the URL's turn, or while it was asked for"
    OPTED_OUT = "opted-out", "the host or URL is on the opt-out list"
    # Asked, and the wire failed.
    DNS_FAILED = "dns-failed", "the host name does not resolve"
    CONNECT_FAILED = "connect-failed", "no connection to the host"
    TLS_FAILED = "tls-failed", "the TLS handshake failed"
    TIMEOUT = "timeout", "the answer did not arrive in time"
    DISCONNECTED = "disconnected", "the connection was lost before the answer was complete"
    BROKEN_RESPONSE = "broken-response", "the answer is not valid HTTP"
    TOO_LARGE = "too-large", "the answer is larger than the size cap"
    REDIRECT_LOOP = "redirect-loop", "more redirects than the limit"
    NOT_RECORDABLE = (
        "not-recordable",
        "the page wanted what leaves no exchange to record: a socket, a stream, a window of its own",
    )
    RENDER_FAILED = "render-failed", "the browser that was to render the page failed"
    # Answered, and the answer is no article.
    UNCHANGED = "unchanged", "the article is as it was at the last visit"
    HTTP_ERROR = "http-error", "the server answered with an error status"
    THROTTLED = "throttled", "the server answered 429 or 503 until the retries were spent"
    NOT_HTML = "not-html", "the payload is not HTML"
    EMPTY = "empty", "the payload is empty"
    UNDECODABLE = "undecodable", "the Content-Encoding cannot be undone"
    TRUNCATED = "truncated", "only a part of the page was received"
    CHALLENGE = "challenge", "an anti-bot challenge in place of the page"
    CONSENT_WALL = "consent-wall", "a consent wall in place of the page"
    LOGIN_WALL = "login-wall", "a login wall in place of the page"
    SOFT_404 = "soft-404", "a 'not found' page with status 200"
    NOT_AN_ARTICLE = "not-an-article", "a section page, a home page or another page that is no article"
    NO_TEXT = "no-text", "no article text was found"
    # The page broke the tools.
    EXTRACTOR_CRASHED = "extractor-crashed", "the worker process died on this page"
    EXTRACTOR_TIMEOUT = "extractor-timeout", "the page took longer than the extraction limit"
    EXTRACTOR_MEMORY = "extractor-memory", "the page needed more memory than a worker may use"
    EXTRACTOR_ERROR = "extractor-error", "extraction raised an error; the log has its trace"
    FEED_UNREADABLE = "feed-unreadable", "the feed or sitemap could not be parsed"
    ORIGINAL_MISSING = "original-missing", "the revisit's original record is not at hand"
    RECORD_LOST = "record-lost", "the record that the document was read from was lost in a crash, so it is due again"


class PostOutcome(StrEnum):
    """What one exchange of a chain said about a post. A failed request is never "deleted"."""

    OK = "ok"
    PARTIAL = "partial"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    ACCOUNT_GONE = "account_gone"
    PROTECTED = "protected"
    AGE_GATED = "age_gated"
    WITHHELD = "withheld"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    LOGIN_WALL = "login_wall"
    BLOCKED = "blocked"
    THROTTLED = "throttled"
    BAD_REQUEST = "bad_request"
    SCHEMA_DRIFT = "schema_drift"
    NETWORK = "network"
    NOT_ATTEMPTED = "not_attempted"


class NotAttempted(StrEnum):
    """Why a chain's step was not tried; stands in an attempt's `reason_text`."""

    TERMS = "terms"
    ROBOTS = "robots"
    BUDGET = "budget"
    NO_CREDENTIALS = "no_credentials"
    THIRD_PARTY_OFF = "third_party_off"
    SWITCHED_OFF = "switched_off"


class PostStatus(StrEnum):
    """What all attempts together say about a post."""

    CAPTURED = "captured"
    CAPTURED_PARTIAL = "captured_partial"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    ACCOUNT_GONE = "account_gone"
    PROTECTED = "protected"
    AGE_GATED = "age_gated"
    WITHHELD = "withheld"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    LOGIN_WALL = "login_wall"
    NOT_ATTEMPTED = "not_attempted"
    PENDING = "pending"
