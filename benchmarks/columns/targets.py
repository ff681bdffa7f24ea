"""What avrojet promises of reading columns, and whether a run kept it.

Imported by the report. Targets whose files or libraries a run does not have are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.columns.results import Measured, Results, overall
from benchmarks.results import Spread

BEST = "the best peer"


@dataclass(frozen=True)
class Target:
    """avrojet at least ``times`` as fast as ``peer``, with so many cores (0: all there are) and columns.

    Over all the files that ``shape`` and ``codec`` allow, "" allowing all, the geometric mean counts.
    """

    shape: str
    codec: str
    peer: str
    times: float
    cores: int = 1
    columns: str = "all"
    large: bool = False
    first: bool = False

    def fits(self, measured: Measured) -> bool:
        return (
            measured.large == self.large
            and self.shape in ("", measured.shape)
            and self.codec in ("", measured.codec)
        )

    def promise(self, cores: int) -> str:
        what = [
            "first call" if self.first else "read",
            self.shape or "all shapes",
            self.codec or "all codecs",
        ]
        what += ["large"] * self.large + ["some columns"] * (self.columns == "some")
        return f"{', '.join(what)}, {cores} core{'s' * (cores > 1)}: >= {self.times:g}x {self.peer}"


TARGETS = (
    Target("flat", "null", "rugo", 2.5),
    Target("flat", "null", "datafusion", 3.3),
    Target("flat", "null", "polars", 7.5),
    Target("flat", "null", "jetliner", 5.5),
    Target("flat", "null", "duckdb", 12),
    Target("nested", "null", "datafusion", 3.3),
    Target("nested", "null", "jetliner", 6),
    Target("", "", "datafusion", 3),
    Target("", "", "polars-avro", 3),
    Target("flat", "snappy", BEST, 2.1),
    Target("flat", "deflate", BEST, 1.3),
    Target("flat", "zstandard", BEST, 1.4),
    Target("flat", "null", BEST, 1.7, columns="some"),
    Target("nested", "null", BEST, 1.6, columns="some"),
    Target("flat", "null", BEST, 1.7, large=True),
    Target("nested", "null", BEST, 1.7, large=True),
    Target("flat", "null", BEST, 3, cores=0),
    Target("nested", "null", BEST, 3.8, cores=0),
    *(Target(shape, "null", BEST, 1, first=True) for shape in ("flat", "nested")),
)


@dataclass(frozen=True)
class Own:
    """One lane at least ``times`` as fast as another, on one file; ``N`` in a lane is the number of cores."""

    promise: str
    shape: str
    codec: str
    ours: str
    theirs: str
    times: float
    large: bool = False

    def fits(self, measured: Measured) -> bool:
        return (measured.shape, measured.codec, measured.large) == (self.shape, self.codec, self.large)

    def lanes(self, cores: int) -> tuple[str, str]:
        return self.ours.replace("N", str(cores)), self.theirs.replace("N", str(cores))


_ONE, _ALL = "avrojet/1/all", "avrojet/N/all"
OWN = (
    Own("flat: some columns >= 1x all", "flat", "null", "avrojet/1/some", _ONE, 1),
    Own("nested: some columns >= 1x all", "nested", "null", "avrojet/1/some", _ONE, 1),
    Own("flat, large: all cores >= 1.4x one", "flat", "null", _ALL, _ONE, 1.4, large=True),
    Own("nested, large: all cores >= 1.4x one", "nested", "null", _ALL, _ONE, 1.4, large=True),
    *(
        Own(f"flat, {codec}: >= 0.71x decompression", "flat", codec, _ONE, "decompression/1/all", 1 / 1.4)
        for codec in ("deflate", "zstandard")
    ),
)


@dataclass(frozen=True)
class Verdict:
    """One line of the list of targets."""

    kept: bool
    promise: str
    found: str


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every target that the run measured."""
    most = max(results.options["cores"])
    for target in TARGETS:
        cores = target.cores or most
        if target.cores == 0 and most == 1:
            continue
        files = [one for one in results.measured if target.fits(one)]
        speeds, peers = _speeds(target, cores, files, results.peers)
        yield from _verdict(target.promise(cores), overall(speeds), target.times, peers)
    for own in OWN:
        fitting = [one for one in results.measured if own.fits(one)]
        lanes = own.lanes(most)
        yield from _verdict(own.promise, overall([one.speeds(*lanes) for one in fitting]), own.times, set())


def _speeds(
    target: Target, cores: int, files: Sequence[Measured], peers: Sequence[str]
) -> tuple[list[list[float]], set[str]]:
    lane = f"{cores}/{target.columns}"
    found, against = [], set()
    for one in files:
        compare = one.first_speeds if target.first else one.speeds
        peer = one.best(lane, peers, first=target.first) if target.peer == BEST else target.peer
        if peer and (speeds := compare(f"avrojet/{lane}", f"{peer}/{lane}")):
            found.append(speeds)
            against.add(peer)
    return found, against


def _verdict(promise: str, found: Spread | None, times: float, peers: set[str]) -> Iterator[Verdict]:
    if found is not None:
        named = f" ({', '.join(sorted(peers))})" if peers else ""
        text = f"{found.median:.2f}x ({found.low:.2f}-{found.high:.2f}){named}"
        yield Verdict(found.median >= times, promise, text)
