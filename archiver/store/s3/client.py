"""Asking an S3 store: one client for a place, its time-outs, and the pauses when it asks for slowness.

Belongs here: making the client and one call. What calls mean together is for `store`, `upload` and `probe`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from archiver.config import S3Table
from archiver.store.s3.place import Place
from archiver.store.s3.troubles import S3Trouble, trouble

PAUSE_FIRST, PAUSE_MAX = 1.0, 300.0


class Client:
    """Calls to one bucket. Threads may share it. Errors are `S3Trouble`; nothing else of boto3 gets out.

    The client itself retries what passes quickly; a store that says SlowDown after that is left alone for doubling pauses, as
    long as `patience` lasts (seconds, all pauses of one call together).
    """

    def __init__(self, place: Place, table: S3Table, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.place, self.table, self._sleep = place, table, sleep
        self.patience = table.patience
        self._boto = self._made()

    @property
    def on_aws(self) -> bool:
        host = urlsplit(self._boto.meta.endpoint_url).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    @property
    def checksums(self) -> str:
        """Which uploads boto3 adds checksums of its own to: off AWS only those that must have them, since many servers refuse the
        rest (411 over TLS) or keep their framing as an encoding of the object."""
        return str(self._boto.meta.config.request_checksum_calculation)

    def _made(self) -> Any:
        client = self._client(self.table.checksums or "when_required")
        host = urlsplit(client.meta.endpoint_url).hostname or ""
        if self.table.checksums is None and host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return self._client("when_supported")
        return client

    def _client(self, checksums: str) -> Any:
        table, place = self.table, self.place
        config = Config(
            retries={"mode": "standard", "total_max_attempts": table.attempts},
            connect_timeout=table.connect_timeout,
            read_timeout=table.read_timeout,
            max_pool_connections=table.workers + 8,
            tcp_keepalive=True,
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
            s3={"addressing_style": "path"} if self._elsewhere() else None,
            user_agent_extra="news-archiver",
        )
        try:
            session = boto3.Session(profile_name=place.profile, region_name=place.region)
            region = place.region or session.region_name or "us-east-1"
            return session.client("s3", endpoint_url=place.endpoint, region_name=region, verify=place.ca, config=config)
        except (BotoCoreError, ValueError) as error:
            raise trouble(error, place, "", "make a client") from error

    def _elsewhere(self) -> bool:
        """Whether the endpoint is not AWS as far as is known before there is a client: such servers want the bucket in the path."""
        return bool(self.place.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"))

    def ask(self, operation: str, what: str, key: str = "", **parameters: Any) -> dict[str, Any]:
        """One call on the bucket: boto3's name of it, the right it needs in words, and the archive's key it is about (its place in
        the bucket is added). Raises `S3Trouble`."""
        if key:
            parameters["Key"] = self.place.prefix + key
        pause, left = PAUSE_FIRST, self.patience
        while True:
            try:
                answer: dict[str, Any] = getattr(self._boto, operation)(Bucket=self.place.bucket, **parameters)
                return answer
            except (ClientError, BotoCoreError, OSError) as error:
                found = trouble(error, self.place, key, what)
                if not found.throttled or pause > left:
                    raise found from error
            self._sleep(pause)
            left, pause = left - pause, min(2 * pause, PAUSE_MAX)
            body = parameters.get("Body")
            if body is not None and hasattr(body, "seek"):
                body.seek(0)

    def explain(self, error: S3Trouble, key: str) -> S3Trouble:
        """A refusal of HEAD, which has no body to say why, in the words that another call gets for the same place."""
        try:
            self.ask("list_objects_v2", "list objects", Prefix=self.place.prefix + key, MaxKeys=1)
        except S3Trouble as told:
            return told
        return error


def is_missing(error: S3Trouble) -> bool:
    """Whether a call failed because there is no such object."""
    return error.code in ("NoSuchKey", "404", "NotFound", "NoSuchVersion") or (
        error.status == 404 and error.code != "NoSuchBucket"
    )
