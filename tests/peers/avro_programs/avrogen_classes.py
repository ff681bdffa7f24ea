"""Classes generated from a schema, as DataHub has them; their objects to files and back."""

import hashlib
import io
import json
import sys
import tempfile
from pathlib import Path

import avro.datafile
import avro.io
import avro.schema
from avrogen import write_schema_files

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Order",
        "namespace": "org.shop",
        "doc": "What somebody buys",
        "fields": [
            {"name": "id", "type": "long", "doc": "its number"},
            {
                "name": "kind",
                "type": {"type": "enum", "name": "Kind", "symbols": ["NEW", "PAID"]},
                "default": "NEW",
            },
            {"name": "note", "type": ["null", "string"], "default": None},
            {
                "name": "lines",
                "type": {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "Line",
                        "fields": [{"name": "sku", "type": "string"}, {"name": "price", "type": "double"}],
                    },
                },
            },
            {"name": "tags", "type": {"type": "map", "values": "string"}, "default": {}},
        ],
    }
)

with tempfile.TemporaryDirectory() as place:
    write_schema_files(SCHEMA, place)
    for path in sorted(Path(place).rglob("*.py")):
        print(path.relative_to(place), hashlib.sha256(path.read_bytes()).hexdigest())
    sys.path.insert(0, str(Path(place).parent))
    shop = __import__(Path(place).name + ".schema_classes", fromlist=["*"])
    order = shop.OrderClass(
        id=7, lines=[shop.LineClass(sku="a", price=1.5)], note="quick", kind=shop.KindClass.PAID
    )
    print(order.to_obj(), order.validate())
    target = io.BytesIO()
    writer = avro.datafile.DataFileWriter(target, avro.io.DatumWriter(), shop.OrderClass.RECORD_SCHEMA)
    for _ in range(3):
        writer.append(order.to_obj())
    writer.flush()
    for row in avro.datafile.DataFileReader(io.BytesIO(target.getvalue()), avro.io.DatumReader()):
        again = shop.OrderClass.from_obj(row)
        print(again, again == order)
    specific = __import__(Path(place).name, fromlist=["*"]).SpecificDatumReader()
    for row in avro.datafile.DataFileReader(io.BytesIO(target.getvalue()), specific):
        print(type(row).__name__, type(row.lines[0]).__name__, row == order)
