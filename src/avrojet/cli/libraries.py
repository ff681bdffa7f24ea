"""The optional libraries: which extra installs each, its purpose, whether it is installed; and which
libraries codecs lack.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of_package
from typing import Final, NamedTuple

from avrojet.container.codecs import codec_names, make_compress
from avrojet.errors import CodecError


class Library(NamedTuple):
    """One optional library.

    :ivar package: its name on the package index.
    :ivar extra: the extra of avrojet that installs it.
    :ivar serves: its purpose.
    :ivar least: the oldest version that works, or "".
    """

    package: str
    extra: str
    serves: str
    least: str = ""

    @property
    def version(self) -> str | None:
        """The version that is installed; None if it is not."""
        try:
            return version_of_package(self.package)
        except PackageNotFoundError:
            return None

    @property
    def is_too_old(self) -> bool:
        """Whether it is installed, but in a version that avrojet does not work with."""
        version = self.version
        return version is not None and _release(version) < _release(self.least)

    @property
    def command(self) -> str:
        """What installs it."""
        return f'pip install "avrojet[{self.extra}]"'


# The same as the extras of pyproject.toml; tests/cli/test_doctor.py checks that both agree.
LIBRARIES: Final = (
    Library("deflate", "deflate", "deflate twice as fast; checksums of snappy"),
    Library("isal", "isal", "deflate at level 1; reading deflate where the package deflate is missing"),
    Library("cramjam", "snappy", "snappy; lz4 where the package lz4 is missing"),
    Library("lz4", "lz4", "lz4"),
    *([Library("backports.zstd", "zstandard", "zstandard")] if sys.version_info < (3, 14) else []),
    Library("zstandard", "zstandard", "reading zstandard a third faster", "0.22"),
    Library("pyarrow", "convert", "Parquet, ORC and Arrow files; data frames"),
    Library("polars", "convert", "CSV files; avrojet.polars", "2"),
    Library("pandas", "pandas", "avrojet.pandas", "2.2"),
    Library("dask", "dask", "avrojet.dask", "2026.8"),
    Library("daft", "daft", "avrojet.daft", "0.7.26"),
    Library("pyspark", "spark", "avrojet.spark", "4.1"),
    Library("ray", "ray", "avrojet.ray", "2.60"),
    Library("fsspec", "fsspec", "URLs in the place of paths"),
    Library("rich", "cli", "tables and progress bars on terminals"),
    Library("httpx", "registry", "schema registries over HTTP; calls from asyncio"),
    Library("httptools", "rpc", "calls over HTTP twice as fast"),
    Library("boto3", "glue", "AWS Glue's registry"),
    Library("confluent-kafka", "kafka", "avrojet kafka"),
)
_BY_PACKAGE: Final = {library.package: library for library in LIBRARIES}

# The libraries that codecs need (one of each group), and those that make them fast.
_NEEDED: Final = {"snappy": "cramjam", "zstandard": "backports.zstd", "lz4": "lz4"}
_FAST_WITH: Final = {"deflate": "deflate", "snappy": "deflate", "zstandard": "zstandard"}


class CodecState(NamedTuple):
    """The state of a codec here.

    :ivar state: ``"fast"``, ``"slow"`` or ``"missing"``.
    :ivar lacks: the libraries with which it would work, and be fast.
    """

    name: str
    state: str
    lacks: list[Library]


def codec_states() -> list[CodecState]:
    """Every codec, in the order of the codecs' table."""
    return [_state(name) for name in codec_names()]


def _state(name: str) -> CodecState:
    lacks = _not_installed(_FAST_WITH.get(name))
    try:
        make_compress(name)
    except CodecError:
        return CodecState(name, "missing", [*_not_installed(_NEEDED.get(name)), *lacks])
    return CodecState(name, "slow" if lacks else "fast", lacks)


def _not_installed(package: str | None) -> list[Library]:
    library = _BY_PACKAGE.get(package or "")
    return [library] if library is not None and library.version is None else []


def versions() -> str:
    """Several lines: the Python, the codecs that work and the libraries that are found."""
    codecs = [codec.name for codec in codec_states() if codec.state != "missing"]
    found = [f"{library.package} {library.version}" for library in LIBRARIES if library.version is not None]
    return "\n".join(
        [python(), f"codecs: {', '.join(codecs)}", f"libraries: {', '.join(found) or 'none; none is needed'}"]
    )


def python() -> str:
    """The interpreter and the machine, such as ``CPython 3.13.0 (free-threaded), linux-x86_64``."""
    kind = " (free-threaded)" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"CPython {sys.version.partition(' ')[0]}{kind}, {sysconfig.get_platform()}"


def _release(version: str) -> list[int]:
    """The numbers that a version begins with: of ``2.2.1rc1`` 2, 2 and 1."""
    return [int(number) for number in re.match(r"[\d.]*", version)[0].split(".") if number]  # type: ignore[index]
