"""orjson: the same dict records as JSON, where JSON can hold them.

Imported by ``peers.load`` alone.
"""

from __future__ import annotations

import orjson

from benchmarks.peers import Wire
from benchmarks.workloads import Workload

label = "orjson"
distributions = ("orjson",)
wire: Wire = "json"
codecs: frozenset[str] = frozenset()


def lacks(workload: Workload) -> str:
    if "bytes" in workload.types or "fixed" in workload.types:
        return "JSON has no bytes"
    if any("-" in name for name in workload.types):
        return "JSON has no dates"
    return ""


class Prepared:
    encode = staticmethod(orjson.dumps)
    decode = staticmethod(orjson.loads)


def prepare(workload: Workload) -> Prepared:
    return Prepared()
