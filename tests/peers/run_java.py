"""Compare all with Avro for Java, in one go: ``python -m tests.peers.run_java``.

IDL and protocols, compatibility of schemas, data and files, calls: see run_java_idl.py, run_java_compat.py,
run_java_data.py and run_java_rpc.py, which can be run alone and have options. Messages of registries'
serializers are compared by run_java_serdes.py, which needs many more jars.
"""

from __future__ import annotations

import sys

from tests.peers import run_java_compat, run_java_data, run_java_idl, run_java_rpc
from tests.peers.java_peer import lacking

RUNS = [run_java_idl, run_java_compat, run_java_data, run_java_rpc]


def main() -> int:
    if lacking():
        print(f"skipped: {lacking()}")
        return 0
    return max([run.main() for run in RUNS])


if __name__ == "__main__":
    sys.exit(main())
