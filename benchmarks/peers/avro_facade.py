"""avrojet's facade in the place of Apache avro: what `peers.avro` does, unchanged.

Imported by ``peers.load`` alone, in a process that has not imported avro.
"""

from __future__ import annotations

import avrojet.compat

avrojet.compat.install("avro")

from benchmarks.peers.avro import codecs, first, lacks, parse, prepare, wire  # noqa: E402

__all__ = ["codecs", "distributions", "first", "label", "lacks", "parse", "prepare", "wire"]

label = "avrojet.compat.avro"
distributions = ("avrojet", "deflate", "isal", "cramjam", "backports.zstd")
