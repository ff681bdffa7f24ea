"""Columns on their way: a schema, and batches that come one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from avrojet.errors import AvroError, DataFileError


@dataclass(slots=True)
class Columns:
    """What a source gives to a target that takes columns.

    :ivar schema: what has ``__arrow_c_schema__``.
    :ivar batches: what has ``__arrow_c_array__`` each.
    """

    schema: Any
    batches: Iterator[Any]


@contextmanager
def told_by(library: str, what: str) -> Iterator[None]:
    """Let what another library raises be an error of a file.

    :param what: that the library was to do: ``"read"`` or ``"write"``.
    """
    try:
        yield
    except (AvroError, MemoryError):
        raise
    except BaseException as error:
        # Where Rust gives up, polars raises what is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if isinstance(error, OSError) and error.errno is not None:  # others are pyarrow's word for bad data
            raise
        text = " ".join(str(error).split())
        raise DataFileError(f"{library} cannot {what} it: {text}") from error


def library(name: str, what: str) -> Any:
    """A library that a format needs.

    :param what: the format, for the message.
    :raises DataFileError: if it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise DataFileError(
            f'{what} needs {name.partition(".")[0]}: pip install "avrojet[convert]"'
        ) from None
