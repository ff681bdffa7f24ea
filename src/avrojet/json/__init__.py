"""JSON text of Avro data: the specification's JSON encoding, and JSON as people write it."""
