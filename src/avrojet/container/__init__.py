"""Object container files (specification: Object Container Files).

`framing` takes bytes apart, `codecs` restores blocks, `reader` and `writer` do the work of users.
"""

from __future__ import annotations

from avrojet.container.block import Block
from avrojet.container.codecs import register_codec
from avrojet.container.count import count_records
from avrojet.container.files import read, write, write_arrow
from avrojet.container.losses import Loss, Losses
from avrojet.container.reader import DataFileReader
from avrojet.container.repair import Repair, repair_file
from avrojet.container.split import Split, splits
from avrojet.container.transfer import concat_files, recode_file
from avrojet.container.writer import DataFileWriter

__all__ = [
    "Block",
    "DataFileReader",
    "DataFileWriter",
    "Loss",
    "Losses",
    "Repair",
    "Split",
    "concat_files",
    "count_records",
    "read",
    "recode_file",
    "register_codec",
    "repair_file",
    "splits",
    "write",
    "write_arrow",
]
