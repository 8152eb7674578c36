"""The shipped JSON Schemas are those of the models, and are valid ones."""

from __future__ import annotations

import json

import jsonschema
import pytest

from archiver.models.run import RunManifest
from archiver.schema import schema_files
from tests.unit.making import NOON, RUN


@pytest.mark.parametrize("name", schema_files())
def test_a_shipped_schema_is_not_stale(name: str) -> None:
    from pathlib import Path

    import archiver.schema

    folder = Path(archiver.schema.__file__).parent
    assert (folder / name).read_bytes() == schema_files()[name], "run `make schema`"


@pytest.mark.parametrize("name", schema_files())
def test_a_schema_is_valid_and_closed(name: str) -> None:
    schema = json.loads(schema_files()[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert "2020-12" in schema["$schema"]


def test_a_manifest_is_valid_by_its_schema() -> None:
    manifest = RunManifest(run_id=RUN, started=NOON, finished=NOON, software="test/1")
    jsonschema.validate(json.loads(manifest.model_dump_json()), json.loads(schema_files()["run.v1.json"]))


def test_the_key_set_is_fixed() -> None:
    """Required are only the keys of 1.0 without a default, so that a later minor version still reads older documents; what
    is written always has every key."""
    schema = json.loads(schema_files()["run.v1.json"])
    manifest = RunManifest(run_id=RUN, started=NOON, finished=NOON, software="test/1")
    assert list(json.loads(manifest.model_dump_json())) == list(RunManifest.model_fields)
    assert set(schema["properties"]) == set(RunManifest.model_fields)
