"""confluent-kafka's own modules, even if others are installed in their place."""

from __future__ import annotations

import importlib
from typing import Any


def _imported() -> Any:
    try:
        importlib.import_module("fastavro")
    except ImportError:
        # It imports fastavro for the parts that are not done here.
        from avrojet.compat import install

        install("fastavro")
    try:
        sync = importlib.import_module("confluent_kafka.schema_registry._sync.avro")
        asynchronous = importlib.import_module("confluent_kafka.schema_registry._async.avro")
    except ImportError as error:
        raise ImportError(
            f"this needs confluent-kafka: pip install 'confluent-kafka[avro,schemaregistry]>=2.16' ({error})",
            name="confluent_kafka",
        ) from error
    return sync, asynchronous


SYNC, ASYNC = _imported()
COMMON = importlib.import_module("confluent_kafka.schema_registry.common.avro")
REGISTRY = importlib.import_module("confluent_kafka.schema_registry")
SERDE = importlib.import_module("confluent_kafka.schema_registry.serde")
SERIALIZATION = importlib.import_module("confluent_kafka.serialization")
