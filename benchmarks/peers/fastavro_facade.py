"""avrojet's facade in the place of fastavro: what `peers.fastavro` does, unchanged.

Imported by ``peers.load`` alone, in a process that has not imported fastavro.
"""

from __future__ import annotations

import avrojet.compat

avrojet.compat.install("fastavro")

from benchmarks.peers.fastavro import codecs, first, lacks, parse, prepare, wire  # noqa: E402

__all__ = ["codecs", "distributions", "first", "label", "lacks", "parse", "prepare", "wire"]

label = "avrojet.compat.fastavro"
distributions = ("avrojet", "deflate", "isal", "cramjam", "backports.zstd")
