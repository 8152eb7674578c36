"""The wire of `faults`: S3's operations over HTTP, each done, half done, or refused as it was commanded.

Belongs here: what a call does and what it answers. What goes wrong, and when, is kept by `FaultServer`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import ssl
import time
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.servers.faults_objects import ERRORS, SEALED, Blob, Parts, error_body, etag_of, md5, unframed
from tests.servers.kit import ACCESS_KEY

if TYPE_CHECKING:
    from tests.servers.faults import FaultServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    wbufsize = 2**16
    disable_nagle_algorithm = True

    @property
    def owner(self) -> FaultServer:
        return self.server.owner  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *_: Any) -> None:
        return

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):  # we hung up ourselves
            return

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def do_PUT(self) -> None:
        self._serve()

    do_GET = do_HEAD = do_DELETE = do_POST = do_PUT

    def date_time_string(self, timestamp: float | None = None) -> str:
        moment = datetime.now(UTC) + timedelta(seconds=self.owner.clock_offset)
        return format_datetime(moment, usegmt=True)

    # One call

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.bucket, _, self.key = unquote(parts.path).lstrip("/").partition("/")
        self.operation = self._operation()
        self.kind = self.owner.fault(self.operation, self.key)
        if self.kind == "cut" and self.command in ("PUT", "POST"):
            self.rfile.read(min(int(self.headers.get("Content-Length") or 0) // 2, 2**16))
            self._hang_up()
            return
        chunked = "chunked" in (self.headers.get("Transfer-Encoding") or "")
        self.sent = self._body(chunked)
        if chunked and self.owner.refuse_chunked:
            self._error(411, "MissingContentLength")
        elif self.kind in ERRORS:
            self._error(*ERRORS[self.kind])
        elif not self._refused():
            if self.kind == "slow":
                time.sleep(0.5)
            with self.owner.lock:
                self._tell("before")
                self._reply = getattr(self, f"_{self.operation}")()
                self._tell("after")
            if self.kind in ("lost-answer", "error-200-done"):
                self._hang_up() if self.kind == "lost-answer" else self._say(200, error_body("InternalError"))
            else:
                self._reply()

    def _tell(self, when: str) -> None:
        if self.owner.on_call:
            self.owner.on_call(when, self.operation, self.key)

    def _operation(self) -> str:
        has = self.query.__contains__
        if not self.key:
            for name in ("versioning", "object-lock", "encryption", "uploads", "versions", "location"):
                if has(name):
                    return "ListMultipartUploads" if name == "uploads" else "BucketSetting"
            return {"PUT": "CreateBucket", "GET": "ListObjectsV2", "HEAD": "BucketSetting"}.get(
                self.command, "BucketSetting"
            )
        if has("uploadId"):
            return {
                "PUT": "UploadPart",
                "POST": "CompleteMultipartUpload",
                "GET": "ListParts",
                "DELETE": "AbortMultipartUpload",
            }[self.command]
        if has("uploads"):
            return "CreateMultipartUpload"
        return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[self.command]

    def _refused(self) -> bool:
        """Keys, tokens and regions that are wrong; buckets that are not there."""
        scope = (self.headers.get("Authorization") or "").partition("Credential=")[2].split(",")[0].split("/")
        if scope[0] != ACCESS_KEY:
            self._error(403, "InvalidAccessKeyId")
        elif self.headers.get("x-amz-security-token") == "expired":
            self._error(400, "ExpiredToken")
        elif self.owner.region and scope[2] != self.owner.region:
            named = f"<Region>{self.owner.region}</Region>" if self.owner.names_region else ""
            self._error(400, "AuthorizationHeaderMalformed", named)
        elif self.bucket not in self.owner.buckets and self.operation != "CreateBucket":
            self._error(404, "NoSuchBucket")
        else:
            return False
        return True

    def _body(self, chunked: bool) -> bytes:
        if not chunked:
            found = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        else:
            pieces = []
            while length := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            found = b"".join(pieces)
        if "aws-chunked" in (self.headers.get("Content-Encoding") or ""):
            found = unframed(found)
        return found

    # Objects

    @property
    def _objects(self) -> dict[str, Blob]:
        return self.owner.buckets[self.bucket]

    def _PutObject(self) -> Any:
        if self.kind == "taken":
            self._objects[self.key] = Blob(
                b"of another hand", "0" * 32, {"x-amz-meta-sha256": "0" * 64}, datetime.now(UTC)
            )
        if self._condition_fails():
            return lambda: self._error(412, "PreconditionFailed")
        if self._md5_differs():
            return lambda: self._error(400, "BadDigest")
        headers = self._kept_headers()
        return self._keep(self.sent, etag_of(self.sent, headers), headers)

    def _condition_fails(self) -> bool:
        if self.owner.ignore_conditions:
            return False
        known, wanted = self._objects.get(self.key), self.headers.get("If-Match")
        if self.headers.get("If-None-Match") == "*" and known:
            return True
        return wanted is not None and (known is None or known.etag != wanted.strip('"'))

    def _md5_differs(self) -> bool:
        stated = self.headers.get("Content-MD5")
        if not stated or not self.owner.check_md5:
            return False
        return base64.b64decode(stated) != hashlib.md5(self.sent, usedforsecurity=False).digest()

    def _kept_headers(self) -> dict[str, str]:
        kept = {name.lower(): value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}
        kept["content-type"] = self.headers.get("Content-Type") or "binary/octet-stream"
        encoding = self.headers.get("Content-Encoding")
        if encoding and self.owner.keep_encoding:
            kept["content-encoding"] = encoding
        if self.owner.drop_metadata:
            return {}
        if not self.owner.keep_plain:
            kept |= {name.lower(): value for name, value in self.headers.items() if name.lower().startswith(SEALED)}
        return kept

    def _keep(self, body: bytes, etag: str, headers: dict[str, str]) -> Any:
        if self.kind in ("flip", "flip-lying") and body:
            body = bytes([body[0] ^ 1]) + body[1:]
            etag = etag if self.kind == "flip-lying" or "-" in etag else etag_of(body, headers)
        if self.kind == "short":
            body = body[: len(body) // 2]
            etag = etag_of(body, headers)
        if self.kind != "lost":
            self.owner.stored[self.key] += 1
            self._objects[self.key] = Blob(body, etag, headers, datetime.now(UTC))
        shown = {} if self.kind == "empty-etag" else {"ETag": f'"{etag}"'}
        return lambda: self._say(200, b"", shown)

    def _HeadObject(self) -> Any:
        known = self._objects.get(self.key)
        if known is None:
            return lambda: self._error(404, "NoSuchKey")
        return lambda: self._say(200, known.body, self._headers_of(known))

    def _GetObject(self) -> Any:
        known = self._objects.get(self.key)
        if known is None:
            return lambda: self._error(404, "NoSuchKey")
        wanted = self.headers.get("If-Match")
        if wanted and wanted.strip('"') != known.etag:
            return lambda: self._error(412, "PreconditionFailed")
        body, status, headers = known.body, 200, self._headers_of(known)
        asked = self.headers.get("Range")
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) if last else len(body) - 1, len(body) - 1)
            if start >= len(body):
                return lambda: self._error(416, "InvalidRange")
            headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
            body, status = body[start : end + 1], 206
        if self.kind == "flip" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        return lambda: self._say(status, body, headers, cut=self.kind == "cut")

    def _headers_of(self, known: Blob) -> dict[str, str]:
        shown = {"ETag": f'"{known.etag}"', "Last-Modified": format_datetime(known.modified, usegmt=True)}
        return {**known.headers, **({} if self.kind == "empty-etag" else shown)}

    def _DeleteObject(self) -> Any:
        self._objects.pop(self.key, None)
        return lambda: self._say(204, b"")

    def _ListObjectsV2(self) -> Any:
        prefix, old = self.query.get("prefix", ""), datetime.now(UTC) - timedelta(seconds=self.owner.late_listing)
        found = sorted(key for key, blob in self._objects.items() if key.startswith(prefix) and blob.modified <= old)
        start = self.query.get("continuation-token", "")
        page = [key for key in found if key > start][: int(self.query.get("max-keys") or 1000)]
        more = bool(page) and page[-1] != found[-1]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self._objects[key].body)}</Size>"
            f"<ETag>&quot;{self._objects[key].etag}&quot;</ETag>"
            f"<LastModified>{self._objects[key].modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        text = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}</ListBucketResult>"
        return lambda: self._say(200, text.encode())

    # Buckets

    def _CreateBucket(self) -> Any:
        self.owner.buckets.setdefault(self.bucket, {})
        return lambda: self._say(200, b"")

    def _BucketSetting(self) -> Any:
        if "versioning" in self.query:
            return lambda: self._say(200, b"<VersioningConfiguration/>")
        return lambda: self._error(501, "NotImplemented")

    # Parts

    def _CreateMultipartUpload(self) -> Any:
        upload = uuid.uuid4().hex
        self.owner.uploads[upload] = Parts(self.key, self._kept_headers())
        text = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
        return lambda: self._say(200, text.encode())

    @property
    def _upload(self) -> Parts | None:
        return self.owner.uploads.get(self.query["uploadId"])

    def _UploadPart(self) -> Any:
        upload, number = self._upload, int(self.query["partNumber"])
        if upload is None:
            return lambda: self._error(404, "NoSuchUpload")
        if self._md5_differs():
            return lambda: self._error(400, "BadDigest")
        self.owner.parts_sent[self.key, number] += 1
        body = self.sent[: len(self.sent) // 2] if self.kind == "short" else self.sent
        if self.kind in ("flip", "flip-lying"):
            body = bytes([body[0] ^ 1]) + body[1:]
        if self.kind != "lost":
            upload.parts[number] = body
        told = self.sent if self.kind == "flip-lying" else body
        shown = {} if self.kind == "empty-etag" else {"ETag": f'"{etag_of(told, upload.headers)}"'}
        return lambda: self._say(200, b"", shown)

    def _ListParts(self) -> Any:
        upload = self._upload
        if upload is None:
            return lambda: self._error(404, "NoSuchUpload")
        after = int(self.query.get("part-number-marker") or 0)
        found = [number for number in sorted(upload.parts) if number > after]
        page = found[:2]  # small pages, so that following them is tried
        entries = "".join(
            f"<Part><PartNumber>{n}</PartNumber><Size>{len(upload.parts[n])}</Size>"
            f"<ETag>&quot;{etag_of(upload.parts[n], upload.headers)}&quot;</ETag></Part>"
            for n in page
        )
        more = len(found) > len(page)
        marker = f"<NextPartNumberMarker>{page[-1]}</NextPartNumberMarker>" if more else ""
        text = f"<ListPartsResult><IsTruncated>{str(more).lower()}</IsTruncated>{marker}{entries}</ListPartsResult>"
        return lambda: self._say(200, text.encode())

    def _CompleteMultipartUpload(self) -> Any:
        upload = self._upload
        if upload is None:
            return lambda: self._error(404, "NoSuchUpload")
        if self.kind == "taken":
            self._objects[self.key] = Blob(
                b"of another hand", "0" * 32, {"x-amz-meta-sha256": "0" * 64}, datetime.now(UTC)
            )
        if self._condition_fails():
            return lambda: self._error(412, "PreconditionFailed")
        if self.kind == "error-200":
            return lambda: self._say(200, error_body("InternalError"))
        wanted = [int(number) for number in re.findall(rb"<PartNumber>(\d+)<", self.sent)]
        stated = [etag.strip() for etag in re.findall(r"<ETag>(?:&quot;|&#34;|\")?([^<&\"]*)", self.sent.decode())]
        etags = {number: etag_of(body, upload.headers) for number, body in upload.parts.items()}
        for number, etag in zip(wanted, stated, strict=False):
            if number not in etags or (etag and etag != etags[number]):
                return lambda: self._error(400, "InvalidPart")
        if len(stated) < len(wanted):
            return lambda: self._error(400, "InvalidPart")
        bodies = [upload.parts[number] for number in wanted]
        etag = f"{md5(b''.join(bytes.fromhex(etags[number]) for number in wanted))}-{len(bodies)}"
        self._keep(b"".join(bodies), etag, upload.headers)
        del self.owner.uploads[self.query["uploadId"]]
        shown = "" if self.kind == "empty-etag" else f"<ETag>&quot;{etag}&quot;</ETag>"
        text = f"<CompleteMultipartUploadResult>{shown}</CompleteMultipartUploadResult>"
        return lambda: self._say(200, text.encode())

    def _AbortMultipartUpload(self) -> Any:
        if self.owner.uploads.pop(self.query["uploadId"], None) is None:
            return lambda: self._error(404, "NoSuchUpload")
        return lambda: self._say(204, b"")

    def _ListMultipartUploads(self) -> Any:
        after = self.query.get("key-marker", ""), self.query.get("upload-id-marker", "")
        found = sorted((one.key, name) for name, one in self.owner.uploads.items() if (one.key, name) > after)
        page = found[:2]  # small pages, so that following them is tried
        text = f"<IsTruncated>{str(len(found) > 2).lower()}</IsTruncated>"
        if len(found) > 2:
            text += f"<NextKeyMarker>{escape(page[-1][0])}</NextKeyMarker><NextUploadIdMarker>{page[-1][1]}</NextUploadIdMarker>"
        text += "".join(
            f"<Upload><Key>{escape(key)}</Key><UploadId>{name}</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>"
            for key, name in page
        )
        return lambda: self._say(200, f"<ListMultipartUploadsResult>{text}</ListMultipartUploadsResult>".encode())

    # Answers

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self._hang_up()

    def _error(self, status: int, code: str, more: str = "") -> None:
        self._say(
            status, b"" if self.command == "HEAD" else error_body(code, more), {"Content-Type": "application/xml"}
        )

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
