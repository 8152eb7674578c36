"""An item pipeline that swaps an item's capture for one of another run."""

from __future__ import annotations

from typing import Any


class Strangers:
    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "capture": item["capture"].model_copy(update={"warc_record_id": "urn:uuid:of-another-run"})}
