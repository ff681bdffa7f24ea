"""Messages that say which schema wrote them: from bytes to a schema and a datum, and back; no I/O."""
