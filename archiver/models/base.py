"""The base of every JSON model: frozen, strict about keys, fixed key set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

SCHEMA_VERSION = "1.0.0"


def rfc3339(moment: datetime) -> str:
    """`moment` (aware) as RFC 3339 in UTC with `Z`; fraction digits only where there are any."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return text + "Z"


Instant = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""An aware moment; in JSON an RFC 3339 UTC string with `Z`."""


class Record(BaseModel):
    """A JSON object with a fixed key set: unknown scalars are null, empty lists `[]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
