"""Files written, counted, joined by record and by block, repaired and looked at, by a library of tools."""

import json
import tempfile
from pathlib import Path

import avro.schema
from avrokit import (
    CatTool,
    ConcatTool,
    FileSortTool,
    PartitionedAvroReader,
    RepairTool,
    StatsTool,
    add_avro_schema_fields,
    avro_records,
    avro_writer,
    parse_url,
    read_avro_schema,
    validate_avro_schema_evolution,
)
from avrokit.tools.count import CountTool

SCHEMA = avro.schema.parse(
    """{"type": "record", "name": "Row", "fields": [
        {"name": "id", "type": "long"}, {"name": "text", "type": ["null", "string"], "default": null}]}"""
)

with tempfile.TemporaryDirectory() as place:
    urls = []
    for number in range(3):
        url = parse_url(str(Path(place, f"{number}.avro")), mode="wb")
        with avro_writer(url, SCHEMA) as writer:
            for row in range(5000):
                writer.append(
                    {"id": (row * 7919 + number) % 5000, "text": None if row % 3 else "x" * (row % 50)}
                )
        urls.append(url)
    with avro_writer(parse_url(str(Path(place, "0.avro")), mode="ab+")) as writer:
        writer.append({"id": -1, "text": "last"})
    urls = [url.with_mode("rb") for url in urls]
    print(CountTool().count(urls))
    print(read_avro_schema(urls[0]))

    for codec in ("null", "deflate"):
        together = parse_url(str(Path(place, f"together-{codec}.avro")), mode="wb")
        ConcatTool().concat(urls, together, codec)
        print(CountTool().count([together]), sum(row["id"] for row in avro_records(together.with_mode("rb"))))
    blocks = parse_url(str(Path(place, "blocks.avro")), mode="wb")
    ConcatTool().block_concat(urls, blocks, "null")
    print(sum(1 for _ in avro_records(blocks.with_mode("rb"))))

    with PartitionedAvroReader(urls) as rows:
        print(sum(row["id"] for row in rows))

    data = bytearray(Path(place, "1.avro").read_bytes())
    middle = data.find(b"xxxx", len(data) // 2)
    data[middle : middle + 200] = bytes(200)
    damaged = Path(place, "damaged.avro")
    damaged.write_bytes(data)
    mended = parse_url(str(Path(place, "mended.avro")), mode="wb")
    reports = RepairTool().repair(parse_url(str(damaged), mode="rb"), mended)
    print([(report.count_blocks, report.count_corrupt_blocks) for report in reports])

    more = add_avro_schema_fields(SCHEMA, [{"name": "more", "type": "int", "default": 1}])
    print(json.loads(str(more)))
    print(validate_avro_schema_evolution(SCHEMA, more))
    print([tool().name() for tool in (StatsTool, CatTool, FileSortTool)])  # which import much of avro
