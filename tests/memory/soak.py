"""Mixed operations, failures among them, without end: memory must stay flat.

    python -m tests.memory.soak --count 1000000

An operation is one mutated input with all that its oracles do. Ends with status 1 if memory grows.
Linux only.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
from pathlib import Path

from tests.fuzz.mutate import run

ROUNDS = 10
WARM = 3  # rounds until caches and the allocator have what they keep
MOST = 16 << 20  # bytes of growth after them; a leak of 30 bytes in each operation of a million is more


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000)
    count = parser.parse_args().count // ROUNDS
    sizes = []
    for round in range(ROUNDS):
        failures = run(count, 1000 + round, most_failures=count).failures
        sizes.append(resident())
        print(
            f"{(round + 1) * count:9} operations, {sizes[-1] >> 20} MiB, {len(failures)} failures", flush=True
        )
    # The least of the last rounds: what a round leaves free, the next may hold.
    return min(sizes[-3:]) - sizes[WARM - 1] > MOST


if __name__ == "__main__":
    sys.exit(main())
