"""Messages of Azure's Event Hubs: the content type names the schema, which stands in a registry."""

import json

from azure.schemaregistry import SchemaProperties, SchemaRegistryClient
from azure.schemaregistry.encoder.avroencoder import AvroEncoder, InvalidContentError, InvalidSchemaError

SCHEMA = json.dumps(
    {
        "namespace": "example.avro",
        "type": "record",
        "name": "User",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "favorite_number", "type": ["int", "null"]},
            {"name": "favorite_color", "type": ["string", "null"]},
        ],
    }
)
NEW = json.loads(SCHEMA)
NEW["fields"] = [NEW["fields"][0], {"name": "age", "type": "int", "default": 7}]


class Registry(SchemaRegistryClient):
    """Schemas by their ids, in this process."""

    def __init__(self):
        self.known = {}

    def get_schema(self, schema_id, **options):
        return type("Found", (), {"definition": self.known[schema_id]})

    def get_schema_properties(self, group_name, name, definition, format, **options):
        schema_id = f"{len(name):032d}"
        self.known[schema_id] = definition
        return SchemaProperties(id=schema_id, format=format, group_name=group_name, name=name, version=1)

    register_schema = get_schema_properties


registry = Registry()
encoder = AvroEncoder(client=registry, group_name="group", auto_register=True)
user = {"name": "Ben", "favorite_number": 7, "favorite_color": "red"}
message = encoder.encode(user, schema=SCHEMA)
print(message)
print(encoder.decode(message))
print(encoder.decode(message, readers_schema=json.dumps(NEW)))
try:
    encoder.encode({"name": 7}, schema=SCHEMA)
except InvalidContentError as error:
    print(type(error).__name__)
for content in (b"", b"\x06Be", b"\x06Ben\x08"):
    try:
        encoder.decode({**message, "content": content})
    except (InvalidContentError, InvalidSchemaError) as error:
        print(content, type(error).__name__)
