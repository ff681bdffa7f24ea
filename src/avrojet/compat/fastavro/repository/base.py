"""The interface of a repository of schemas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class SchemaRepositoryError(Exception):
    """A repository has no such schema, or cannot read it."""


class AbstractSchemaRepository(ABC):
    """Where ``load_schema`` finds schemas; derive from it for a place of your own."""

    @abstractmethod
    def load(self, name: str) -> Any:
        """The JSON data of the schema with a fullname.

        :raises SchemaRepositoryError: if there is none.
        """
