"""Columns in transit: a schema, and batches that come one by one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from avrojet.errors import AvroError, DataFileError


@dataclass(slots=True)
class Columns:
    """The columns that a source passes to a target.

    :ivar schema: an object with ``__arrow_c_schema__``.
    :ivar batches: objects with ``__arrow_c_array__``.
    """

    schema: Any
    batches: Iterator[Any]


@contextmanager
def told_by(library: str, what: str) -> Iterator[None]:
    """Turn the errors of another library into errors of a file.

    :param what: the operation of the library: ``"read"`` or ``"write"``.
    """
    try:
        yield
    except (AvroError, MemoryError):
        raise
    except BaseException as error:
        # When its Rust code panics, polars raises something that is not an Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if isinstance(error, OSError) and error.errno is not None:  # pyarrow raises the others for bad data
            raise
        text = " ".join(str(error).split())
        raise DataFileError(f"{library} cannot {what} it: {text}") from error


def library(name: str, what: str) -> Any:
    """Import a library that a format needs.

    :param what: the format, for the message.
    :raises DataFileError: if it is not installed.
    """
    from importlib import import_module

    try:
        module = import_module(name)
    except ImportError:
        raise DataFileError(
            f'{what} needs {name.partition(".")[0]}: pip install "avrojet[convert]"'
        ) from None
    if name == "polars" and hasattr(signal, "siginterrupt"):
        # It takes over Ctrl-C such that the system goes on with a read: of a pipe, until somebody writes.
        signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003 (it takes no keyword)
    return module
