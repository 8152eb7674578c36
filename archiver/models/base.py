"""The base of every JSON model: frozen, strict about keys, fixed key set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError

SCHEMA_VERSION = "1.0.0"


def what_is_wrong(error: Exception) -> str:
    """One line: what an error says, of a document that is not as it should be its first problem with its place; at most 200 characters."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}"[:200] if place else first["msg"][:200]
    return " ".join(str(error).split())[:200]


def rfc3339(moment: datetime) -> str:
    """`moment` (aware) as RFC 3339 in UTC with `Z`; fraction digits only where there are any."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return text + "Z"


Instant = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""An aware moment; in JSON an RFC 3339 UTC string with `Z`."""


class Record(BaseModel):
    """A JSON object with a fixed key set: unknown scalars are null, empty lists `[]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
