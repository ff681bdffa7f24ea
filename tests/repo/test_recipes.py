"""docs/explanation/design.md says which files one touches to add something: those, and no others.

Of each recipe, one thing that was added by it is looked for in all of the code. The files that know it by its
name are those of the recipe. A facade is a folder that nothing else knows.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.repo.tree import PACKAGE, TREE, package_files

DESIGN = (TREE / "docs" / "explanation" / "design.md").read_text(encoding="utf-8")
NO_CODE = re.compile(r'"""(?:[^\\]|\\.)*?"""|("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')|#[^\n]*', re.DOTALL)
CODE = {
    path.relative_to(PACKAGE).as_posix(): NO_CODE.sub(
        lambda found: found[1] or "", path.read_text(encoding="utf-8")
    )
    for path in package_files(".py", ".pyx", ".pxd")
}


class Recipe(NamedTuple):
    """What it begins with, the name of an example, the files that know that, and what another meaning of the
    name is for.
    """

    begins: str
    example: str
    files: str
    others: str = ""


RECIPES = [
    Recipe(r"codec\*\*", r"\blz4\b", "container/codecs.py cli/libraries.py", "conversion/formats.py"),
    Recipe(r"command\*\*", r"\brecodec\b", "cli/recodec.py cli/commands.py"),
    Recipe(r"framing of messages\*\*", r"\bazure-beta\b", "wire/framing.py inspection/message.py"),
    Recipe(r"format\*\*", r"\borc\b", "conversion/formats.py conversion/arrow_files.py"),
    Recipe(r"operation\*\*", r"\bcompare_value\b|rows\.compare\b", "core/rows/compare.pyx order.py"),
    Recipe(
        r"logical type\*\* of time",
        r"\btimestamp-nanos\b",
        "schema/logical.py plan/arrow/pairs.py"
        " typed/annotations.py typed/schema.py typed/fit.py typed/source.py",
    ),
    Recipe(r"engine\*\*", r"\bdaft\b", "integrations/daft.py cli/libraries.py", "daft.py"),
    Recipe(r"facade\*\*", r"\bcompat\.(avro|fastavro|confluent)\b", ""),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: re.match(r"[\w ]+", recipe.begins)[0])
def test_the_files_of_a_recipe(recipe):
    told = re.search(rf"^\*\*{recipe.begins}.*?\n\n", DESIGN, re.MULTILINE | re.DOTALL)[0]
    knowing = {
        file
        for file, code in CODE.items()
        if re.search(recipe.example, code) and not file.startswith("compat/")
    }
    assert knowing - set(recipe.others.split()) == set(recipe.files.split())
    for file in recipe.files.split():
        assert f"`src/avrojet/{Path(file).parent.as_posix()}/" in told or f"`src/avrojet/{file}`" in told
        is_example = re.search(recipe.example, Path(file).stem)
        assert is_example or f"`src/avrojet/{file}`" in told


# A made-up logical type: the rows that the recipe says, put into the two files as they are imported.
MADE_UP = """
import importlib.util, sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader

ROWS = {
    "avrojet.schema.logical": (
        '    "timestamp-nanos": _calendar(',
        '    "timestamp-seconds": _calendar("timestamp", 1, "tss:UTC"),\\n',
    ),
    "avrojet.plan.arrow.pairs": (
        '    "timestamp-nanos": _INSTANTS', '    "timestamp-seconds": _INSTANTS,\\n'
    ),
}

class Loader(SourceFileLoader):
    def get_code(self, name):
        place, row = ROWS[name]
        text = self.get_source(name)
        assert text.count(place) == 1
        return compile(text.replace(place, row + place), self.path, "exec")

class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name not in ROWS:
            return None
        origin = PathFinder.find_spec(name, path).origin
        return importlib.util.spec_from_loader(name, Loader(name, origin), origin=origin)

sys.meta_path.insert(0, Finder())
"""
USE = """
import io
from datetime import datetime, timezone
import avrojet
from avrojet import Decoder, Encoder

SECONDS = {"type": "long", "logicalType": "timestamp-seconds"}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
encoder, decoder = Encoder(SECONDS), Decoder(SECONDS)
data = encoder.encode(NOON)
assert data == avrojet.encode(int(NOON.timestamp()), "long")
for value in NOON, datetime.min.replace(tzinfo=timezone.utc):
    assert decoder.decode(encoder.encode(value)) == value
    for plain in False, True:
        text = decoder.to_json(encoder.encode(value), plain=plain)
        assert encoder.from_json(text, plain=plain) == encoder.encode(value)
assert Decoder(SECONDS, MILLIS).decode(data) == NOON
assert Decoder(MILLIS, SECONDS).decode(avrojet.encode(NOON, MILLIS)) == NOON
try:
    encoder.encode(NOON.replace(microsecond=1))
except avrojet.EncodeError as error:
    assert "timestamp-seconds" in str(error)
else:
    raise AssertionError("a fraction of a second was taken")

rows = [{"at": NOON}]
file = io.BytesIO()
record = {"type": "record", "name": "R", "fields": [{"name": "at", "type": SECONDS}]}
with avrojet.DataFileWriter(file, record) as writer:
    writer.extend(rows)
batches = avrojet.read_arrow(file.getvalue())
again = io.BytesIO()
avrojet.write_arrow(again, batches, schema=record)
with avrojet.DataFileReader(io.BytesIO(again.getvalue())) as reader:
    assert list(reader) == rows
"""


def test_a_made_up_logical_type_of_time_takes_two_rows():
    done = subprocess.run([sys.executable, "-c", MADE_UP + USE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
