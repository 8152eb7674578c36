"""JSON Schema (2020-12) of the documents, generated from `archiver.models` and shipped as files beside this one.

`python -m archiver.schema` writes the files anew; a test fails when they are stale.
"""

from __future__ import annotations

import json
from pathlib import Path

from archiver.models import Article, RunManifest
from archiver.models.base import Record
from archiver.models.event import Event
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.models.tombstone import Tombstone

FOLDER = Path(__file__).parent
MODELS: dict[str, type[Record]] = {
    "article.v1.json": Article,
    "post.v1.json": Post,
    "resolution.v1.json": Resolution,
    "run.v1.json": RunManifest,
    "tombstone.v1.json": Tombstone,
    "event.v1.json": Event,
}


def generate() -> dict[str, bytes]:
    """File name -> bytes of the schema as the models are now."""
    return {name: _schema(name, model) for name, model in MODELS.items()}


def schema_files() -> dict[str, bytes]:
    """File name -> bytes of the schema as shipped."""
    return {name: (FOLDER / name).read_bytes() for name in MODELS}


def _schema(name: str, model: type[Record]) -> bytes:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }
    schema["title"] = name.removesuffix(".json")
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
