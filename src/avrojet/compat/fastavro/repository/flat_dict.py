"""Schemas in the files of one directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from avrojet.compat.fastavro.repository.base import AbstractSchemaRepository, SchemaRepositoryError


class FlatDictRepository(AbstractSchemaRepository):
    """Files named ``<fullname>.avsc`` in the directory `path`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.file_ext = "avsc"

    def load(self, name: str) -> Any:
        file = Path(self.path, f"{name}.{self.file_ext}")
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise SchemaRepositoryError(f"Failed to load '{name}' schema") from error
        except ValueError as error:
            raise SchemaRepositoryError(f"Failed to parse '{name}' schema") from error
