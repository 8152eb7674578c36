"""What is taken away from a bucket: objects with all their versions, uploads that nobody will finish, what probes left.

Belongs here: deleting, for takedown and for rubbish. Locks are respected, unless a takedown asks otherwise and the keys may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.store.s3.client import Client, is_missing
from archiver.store.s3.troubles import S3Trouble

STALE = timedelta(days=7)
"""Age of an upload that no journal knows, beyond which it is aborted."""

PROBES_STALE = timedelta(days=1)
"""Age of a probe's object beyond which its probe has ended, one way or another."""

_REFUSED = ("AccessDenied", "ObjectLocked", "InvalidRequest", "MethodNotAllowed")


def take_away(client: Client, key: str, *, versioned: bool | None, despite_lock: bool) -> None:
    """Every version of an object: what a person may ask to be taken away must not stand behind a marker.

    `versioned`: whether the bucket keeps versions, None where nobody could ask. `despite_lock`: a governance lock is bypassed. Raises
    `S3Trouble`, which says of a lock until when it holds.
    """
    ids = [version for version, _ in _versions(client, key, versioned)]
    if not versioned and set(ids) <= {"null"}:  # a marker would be all that a deletion by version leaves there
        client.ask("delete_object", "delete objects", key)
        return
    for version in ids:
        _delete(client, key, version, despite_lock=despite_lock)


def forget_earlier(client: Client, key: str, *, versioned: bool | None) -> None:
    """Takes away what stood at `key` before what stands there now, a governance lock notwithstanding."""
    for version in [version for version, latest in _versions(client, key, versioned) if not latest]:
        _delete(client, key, version, despite_lock=True)


def _versions(client: Client, key: str, versioned: bool | None) -> Iterator[tuple[str, bool]]:
    """(id, whether it is what readers see) of every version and marker of an object; nothing where the store has no versions."""
    if versioned is False:
        return
    full = client.place.prefix + key
    try:
        for answer in _pages(client, "list_object_versions", "list versions", full, ("KeyMarker", "VersionIdMarker")):
            for entry in [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]:
                if entry["Key"] == full:
                    yield str(entry.get("VersionId") or "null"), bool(entry.get("IsLatest"))
    except S3Trouble as error:
        if error.temporary or versioned:
            raise


def _delete(client: Client, key: str, version: str, *, despite_lock: bool) -> None:
    try:
        client.ask("delete_object", "delete versions", key, VersionId=version)
        return
    except S3Trouble as error:
        if error.code not in _REFUSED:
            raise
        refused = error
    if despite_lock:
        try:
            bypass = {"BypassGovernanceRetention": True}
            client.ask("delete_object", "bypass a governance lock", key, VersionId=version, **bypass)
            return
        except S3Trouble as error:
            if error.code not in _REFUSED:
                raise
            refused = error
    raise _locked(client, key, version) or refused


def _locked(client: Client, key: str, version: str) -> S3Trouble | None:
    """The refusal in words that say which lock it is and until when; None when there is none to be seen."""
    try:
        head = client.ask("head_object", "read objects", key, VersionId=version)
    except S3Trouble:
        return None
    where, mode, until = (
        f"{key}: {client.place.shown}",
        head.get("ObjectLockMode"),
        head.get("ObjectLockRetainUntilDate"),
    )
    if head.get("ObjectLockLegalHoldStatus") == "ON":
        said = f"{where} keeps it under a legal hold; whoever set the hold must lift it first"
    elif mode == "COMPLIANCE":
        said = f"{where} keeps it under object lock (compliance) until {until:%Y-%m-%d %H:%M} UTC, which nobody can shorten"
    elif mode:
        said = (
            f"{where} keeps it under object lock ({mode.lower()}) until {until:%Y-%m-%d %H:%M} UTC; "
            "keys with the right s3:BypassGovernanceRetention may delete it before"
        )
    else:
        return None
    return S3Trouble(said, "ObjectLocked", 403, temporary=False)


def abort_stale(client: Client, known: set[str], now: datetime | None = None) -> int:
    """Aborts uploads below our prefix that are older than a week and that nobody (`known`: ids in journals) will finish; how many."""
    old, prefix = (now or datetime.now(UTC)) - STALE, client.place.prefix
    stale = [
        (str(upload["Key"]).removeprefix(prefix), str(upload["UploadId"]))
        for answer in _pages(client, "list_multipart_uploads", "list uploads", prefix, ("KeyMarker", "UploadIdMarker"))
        for upload in answer.get("Uploads", [])
        if upload["Initiated"] < old and upload["UploadId"] not in known
    ]
    for key, upload_id in stale:
        try:
            client.ask("abort_multipart_upload", "abort uploads", key, UploadId=upload_id)
        except S3Trouble as error:
            if error.code != "NoSuchUpload" and not is_missing(error):  # another machine tidied as well
                raise
    return len(stale)


def _pages(
    client: Client, operation: str, what: str, prefix: str, markers: tuple[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Every page of a listing that goes on with two markers."""
    at: dict[str, str] = {}
    while True:
        answer = client.ask(operation, what, Prefix=prefix, **at)
        yield answer
        following = {name: str(answer[f"Next{name}"]) for name in markers if answer.get(f"Next{name}")}
        if not answer.get("IsTruncated") or not following or following == at:
            return
        at = following
