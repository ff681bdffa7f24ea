"""Files of a job appear together, each task's once, and nothing else stays."""

from __future__ import annotations

import pickle

import pytest

import avrojet
from tests.engines.vectorfile import write_orders

pytest.importorskip("pyarrow")

from avrojet.integrations.staging import staged


def test_tasks_that_ran_twice_or_were_killed(tmp_path):
    orders = avrojet.scan(write_orders(tmp_path / "in"))
    job = pickle.loads(pickle.dumps(staged(tmp_path / "out", "error").begin()))
    options = {"codec": "deflate"}
    names = [job.write(number, part, options) for number, part in enumerate(orders.splits(count=2))]
    job.write(1, orders, options)  # a copy whose answer nobody waited for
    (job.hidden / ".part-00002.avro.part").mkdir()  # of a process that was killed
    with pytest.raises(FileNotFoundError):
        avrojet.scan(tmp_path / "out")  # nothing is seen before the commit
    paths = job.commit(names)
    assert sorted(paths) == [str(path) for path in sorted((tmp_path / "out").iterdir())]
    assert avrojet.scan(tmp_path / "out").count() == 3000


def test_what_was_there_before(tmp_path):
    orders = avrojet.scan(write_orders(tmp_path / "in")).head(10)
    out = write_orders(tmp_path / "out")
    with pytest.raises(FileExistsError, match="append or overwrite"):
        staged(out, "error")
    failed = staged(out, "overwrite").begin()
    failed.write(0, orders, {})
    failed.abort()
    assert avrojet.scan(out).count() == 3000
    for mode, rows in [("append", 3010), ("overwrite", 10)]:
        job = staged(out, mode).begin()
        job.commit([job.write(0, orders, {})])
        assert avrojet.scan(out).count() == rows
    assert len(list(out.iterdir())) == 1


def test_a_task_that_goes_on_after_its_job_has_ended(tmp_path):
    orders = avrojet.scan(write_orders(tmp_path / "in")).head(10)
    job = staged(tmp_path / "out", "error").begin()
    job.write(0, orders, {})
    job.abort()
    with pytest.raises(FileNotFoundError):
        job.write(1, orders, {})
    assert not list((tmp_path / "out").iterdir())
