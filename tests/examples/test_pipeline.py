"""examples/pipeline, from a real broker to Parquet: its own checks hold, and both crashes happen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import apicurio_registry, kafka_broker

pytestmark = pytest.mark.slow
RUN = Path(__file__).resolve().parents[2] / "examples" / "pipeline" / "run.py"


def test_nothing_is_lost_or_twice():
    for package in ("pyspark", "confluent_kafka", "httpx", "polars"):
        pytest.importorskip(package)
    lacking = kafka_broker.lacking() or apicurio_registry.lacking(2)
    if lacking:
        pytest.skip(lacking)
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, str(RUN), "--orders", "60000"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert done.stdout.count("killed when it had") == 2
    assert "120000 orders: none was lost, none is there twice" in done.stdout
