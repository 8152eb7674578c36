"""The pointer that makes a document provable: which bytes of which WARC it was read from."""

from __future__ import annotations

from archiver.models.base import Instant, Record

OWN_PAGE = "own"
"""In place of a page's id, where an exchange that is recorded is the page."""


class Tls(Record):
    """TLS of the connection: `version` as WARC-Protocol spells it without the prefix ("1.3"), `cipher` by IANA name."""

    version: str | None = None
    cipher: str | None = None


class RefersTo(Record):
    """The original that a revisit stands for, or the page as served of which a DOM was built. Address fields are null while the original
    is not at hand."""

    target_uri: str | None = None
    date: Instant | None = None
    warc_filename: str | None = None
    warc_record_offset: int | None = None
    warc_record_length: int | None = None
    warc_record_id: str | None = None


class CapturePointer(Record):
    """A ranged read of (`warc_record_offset`, `warc_record_length`) gives one gzip member whose record id is `warc_record_id`.

    `warc_filename` is the key in the store (ours) or the path as given (foreign). `payload_digest` is spelled as in the
    WARC; `payload_sha256` is lower-case hex over the stored body (transfer-decoded, content-coded).
    `warc_type` is response, revisit, or resource: the DOM that a browser's scripts had built of a page without text. `refers_to` is
    then the page as it was served, and `fetch_status` and what else comes from headers is that page's.
    """

    warc_filename: str
    warc_record_offset: int
    warc_record_length: int
    warc_record_id: str
    warc_type: str
    request_record_id: str | None = None
    payload_digest: str | None = None
    payload_sha256: str | None = None
    fetch_time: Instant
    fetch_status: int | None = None
    content_type: str | None = None
    identified_payload_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    truncated: str | None = None
    ip_address: str | None = None
    protocol: str | None = None
    tls: Tls | None = None
    refers_to: RefersTo | None = None

    @property
    def page_id(self) -> str:
        """WARC-Page-ID of what belongs to this page: the UUID of its record."""
        return self.warc_record_id.removeprefix("urn:uuid:")
