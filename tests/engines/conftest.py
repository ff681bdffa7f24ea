"""One session of Spark for all tests, as it takes a while to start; no usage statistics of Daft."""

from __future__ import annotations

import os
import shutil
import sys
import warnings

import pytest

os.environ.setdefault("DAFT_ANALYTICS_ENABLED", "0")  # tests tell nobody that they ran


@pytest.fixture(scope="session")
def spark():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Spark itself, with newer versions of pandas and Python
        pytest.importorskip("pyspark", reason="Spark is not installed")
        if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            pytest.skip("Spark needs Java")
        session = _started()
    yield session
    session.stop()


def _started():
    from pyspark.sql import SparkSession

    import avrojet.spark

    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        # Each query of a test runs once: Java is not to spend most of the time on compiling it.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "500",
    }
    jars = os.environ.get("AVROJET_SPARK_JARS")  # spark-avro, to exchange files with
    if jars:
        settings["spark.jars"] = jars
    builder = SparkSession.builder.master("local[2,4]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    avrojet.spark.register(session)
    return session
