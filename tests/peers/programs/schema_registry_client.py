"""Messages with python-schema-registry-client's serializer and a registry of one process."""

from schema_registry.client import SchemaRegistryClient, schema
from schema_registry.client.utils import SchemaVersion
from schema_registry.serializers import AvroMessageSerializer

SCHEMA = schema.AvroSchema(
    {
        "type": "record",
        "name": "User",
        "namespace": "people",
        "fields": [
            {"name": "name", "type": "string"},
            {"name": "friend", "type": ["null", "User"], "default": None},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "other", "type": ["null", "Kind"], "default": None},
        ],
    }
)


class Registry(SchemaRegistryClient):
    """The one schema under the id 1."""

    def register(self, *args, **kwargs):
        return 1

    def get_by_id(self, schema_id, **kwargs):
        return SCHEMA

    def get_schema(self, subject, version="latest", **kwargs):
        return SchemaVersion(subject, 1, SCHEMA, 1)


serializer = AvroMessageSerializer(Registry(url="http://localhost:1"))
users = [
    {
        "name": "Ann",
        "friend": {"name": "Bob", "friend": None, "kind": "B", "other": "A"},
        "kind": "A",
        "other": None,
    },
    {"name": "Cid", "friend": None, "kind": "B", "other": "B"},
]
for user in users:
    message = serializer.encode_record_with_schema("people", SCHEMA, user)
    print(message.hex())
    assert serializer.decode_message(message) == user
print(SCHEMA.expanded_schema)
print(SCHEMA.flat_schema)
