"""Writes the shipped schemas anew: `python -m archiver.schema`."""

from archiver.schema import FOLDER, generate

for name, content in generate().items():
    (FOLDER / name).write_bytes(content)
    print(FOLDER / name)
