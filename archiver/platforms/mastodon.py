"""Mastodon: a post on any server. The form of the URL is all there is, so other software of the same form matches too.

An unknown host is asked only when the operator configured it, its name says what it runs, or the page's markup does
(`extra["markup"]`, set by `of_markup`); and never one without https and a public name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from archiver.models.resolution import Window
from archiver.platforms import fediverse
from archiver.platforms.base import PostRef, address, moment, within
from archiver.platforms.failures import drift, failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_url, an_id, dicts, json_of, parse_json
from archiver.platforms.steps import Answer, Listing, Reading, Step
from archiver.reasons import NotAttempted, PostOutcome

NAME = "mastodon"
LABEL = "Mastodon"
HOSTS: tuple[str, ...] = ()
REDIRECTS: tuple[str, ...] = ()

KNOWN = re.compile(
    r"(?:^|\.)(?:[\w-]*(?:mastodon|mstdn|masto|toot|tooter|todon|troet)[\w-]*\.[\w.-]+|mas\.to|mastodon\.\w+|journa\.host"
    r"|newsie\.social|infosec\.exchange|hachyderm\.io|techhub\.social|social\.[\w-]+\.[\w.]+|c\.im|ohai\.social|mathstodon\.xyz"
    r"|sfba\.social|ioc\.exchange|kolektiva\.social|universeodon\.com|octodon\.social|chaos\.social|aus\.social|med-mastodon\.com)$"
)
"""Hosts that say by their name what they run. A hint, never a limit."""

_FORMS = re.compile(
    r"(?:/(?:web|deck))?/(?:@(?P<user>[\w.]+)(?:@(?P<home>[\w.-]+))?/(?P<id>\d{14,20})"
    r"|users/(?P<user2>[\w.]+)/statuses/(?P<id2>\d{14,20})|(?:web/)?statuses/(?P<id3>\d{14,20}))(?:/embed)?/?"
)
_OTHERS = re.compile(r"(?:^|\.)(?:threads|truthsocial|tiktok|youtube|x|twitter|medium)\.(?:com|net)$")


def match(url: str) -> PostRef | None:
    """The post that a URL of Mastodon's form names; `HOST/@user@other/ID` is a view of another server's post (`remote`)."""
    at = address(url)
    if at is None or _OTHERS.search(at.host) or not (found := _FORMS.fullmatch(at.path)):
        return None
    user = found["user"] or found["user2"]
    number = found["id"] or found["id2"] or found["id3"]
    known = bool(KNOWN.search(at.host))
    if user is None and not known:
        return None
    extra = {"host": at.host, "known": "yes" if known else "no"}
    if found["home"] and found["home"].lower() != at.host:
        extra["remote"] = found["home"].lower()
    canonical = f"https://{at.host}/@{user}{'@' + extra['remote'] if 'remote' in extra else ''}/{number}"
    if user is None:
        canonical = f"https://{at.host}/web/statuses/{number}"
    return PostRef(NAME, f"{at.host}/{number}", canonical, user, extra)


def id_time(native_id: str) -> datetime | None:
    """When the id was given."""
    number = native_id.rpartition("/")[2]
    return moment(int(number) >> 16) if number.isdecimal() else None


def of_markup(ref: PostRef) -> PostRef:
    """The reference with the word of the page's markup (`mastodon-embed`) that its host runs Mastodon."""
    return replace(ref, extra={**ref.extra, "markup": "yes"})


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The API, ActivityPub at the post's own address, the page. A server that asks who we are (401) shows the post in ActivityPub or
    not at all."""
    host = ref.extra.get("host", "")
    endpoint, number = f"mastodon:{host}", (ref.native_id or "").rpartition("/")[2]
    path = ref.canonical_url.partition(host)[2]
    chain = [
        replace(_step("api", endpoint, f"/api/v1/statuses/{number}", options), dont_redirect=True),
        replace(_step("activitypub", endpoint, path, options), headers=fediverse.ACTIVITY),
        replace(_step("page", endpoint, path, options), unless=401),
    ]
    if endpoint in options.bases or _allowed(ref, host, options):
        return chain
    return [replace(step, refused=NotAttempted.SWITCHED_OFF) for step in chain]


def _step(method: str, endpoint: str, path: str, options: PlatformOptions) -> Step:
    return Step(
        method,
        options.url(endpoint, path),
        host_pace=options.pace(endpoint),
        terms="open",
        endpoint=endpoint,
        # Where the operator leads the endpoint elsewhere, the operator vouches for the address.
        federated=endpoint not in options.bases,
    )


def _allowed(ref: PostRef, host: str, options: PlatformOptions) -> bool:
    told = host in options.mastodon_hosts or "yes" in (ref.extra.get("known"), ref.extra.get("markup"))
    return told and fediverse.may_ask(f"https://{host}/")


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """A status, a Note or the page's metadata. A remote view leads to the post's own server."""
    if step.method == "page":
        return fediverse.read_page(answer, ref)
    if step.method in ("activitypub", "origin"):
        return _keyed(fediverse.read_note(answer, ref))
    reading = fediverse.read_status(answer, ref)
    if "remote" not in ref.extra or reading.post is None:
        return reading
    # What a server shows of another server's post is a copy: the original is asked before anything is called complete.
    lead = _origin(reading.post.entities_raw, ref, step)
    return (
        replace(reading, outcome=PostOutcome.PARTIAL, reason_text="a remote view", leads=(lead,)) if lead else reading
    )


def _keyed(reading: Reading) -> Reading:
    """A Note names other posts by their addresses: the keys of those that have one of the known forms."""
    if (note := reading.post) is None:
        return reading
    return replace(reading, post=replace(note, in_reply_to=_key(note.in_reply_to), quoted=_key(note.quoted)))


def _key(url: str | None) -> str | None:
    ref = match(url) if url else None
    return ref.native_id if ref and "remote" not in ref.extra else url


def _origin(raw: str | None, ref: PostRef, step: Step) -> Step | None:
    """The step to the server that a remote view names, when it is the one in the URL and may be asked."""
    uri = str(parse_json(raw).get("uri") or "") if raw else ""
    if not fediverse.may_ask(uri) or (urlsplit(uri).hostname or "").lower() != ref.extra["remote"]:
        return None
    endpoint = f"mastodon:{ref.extra['remote']}"
    return replace(step, method="origin", url=uri, headers=fediverse.ACTIVITY, endpoint=endpoint, federated=True)


def text_steps(username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """The account by name, which leads to its posts. `username` is `user@host`; a bare name cannot be asked for."""
    user, _, host = username.partition("@")
    endpoint = f"mastodon:{host.lower()}"
    step = _step("lookup", endpoint, "/api/v1/accounts/lookup", options)
    step = replace(step, url=f"{step.url}?{urlencode({'acct': user})}")
    known = endpoint in options.bases or host.lower() in options.mastodon_hosts or KNOWN.search(host.lower())
    allowed = known and (endpoint in options.bases or fediverse.may_ask(f"https://{host}/"))
    return [step if allowed else replace(step, refused=NotAttempted.SWITCHED_OFF)] if host else []


def read_text(step: Step, answer: Answer, username: str, window: Window) -> Listing:
    """The account's posts inside the window, from its end back."""
    if failed := failure(answer):
        return Listing(failed.outcome, failed.reason_text, retry_after=failed.retry_after)
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return Listing(drift(answer, problem).outcome, str(problem))
    if step.method == "lookup":
        number = an_id(value, "id")
        if not number or not number.isdecimal():
            return Listing(PostOutcome.SCHEMA_DRIFT, "no account")
        # Ids hold milliseconds: the window's end is an id to start from (unconfirmed on live servers).
        newest = str(int(window.end.timestamp() * 1000) << 16) if window.end else None
        return Listing(PostOutcome.OK, None, leads=(_statuses(step, number, newest),))
    if not isinstance(value, list):
        return Listing(PostOutcome.SCHEMA_DRIFT, "no list of statuses")
    host = step.endpoint.partition(":")[2]
    drafts = []
    for item in dicts({"items": value}, "items"):
        number, url = an_id(item, "id"), a_url(item, "url")
        ref = PostRef(NAME, f"{host}/{number}", url or f"https://{host}/web/statuses/{number}", None, {"host": host})
        if number and not item.get("reblog") and (draft := fediverse.draft_of_status(item, ref)):
            drafts.append(draft)
    oldest = min((draft.published for draft in drafts if draft.published), default=None)
    going = drafts and window.start and oldest and oldest > window.start
    account = step.url.partition("/accounts/")[2].partition("/")[0]
    leads = (_statuses(step, account, drafts[-1].native_id.rpartition("/")[2]),) if going else ()
    return Listing(PostOutcome.OK, None, tuple(d for d in drafts if within(d.published, window)), leads=leads)


def _statuses(step: Step, account: str, before: str | None) -> Step:
    base = step.url.partition("/api/v1/")[0]
    query = {"limit": "40", "exclude_reblogs": "true", **({"max_id": before} if before else {})}
    url = f"{base}/api/v1/accounts/{account}/statuses?{urlencode(query)}"
    return replace(step, method="statuses", url=url, depth=step.depth + 1)
