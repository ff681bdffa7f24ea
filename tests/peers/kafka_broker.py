"""A real broker of Kafka's, alone, on a port of this machine.

`python -m tests.peers.kafka_broker` fetches it, starts it, and says where it is; with `--fetch` it is only
fetched, for the tests. It needs Java 17 and Maven.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.service import (
    HEAP,
    Service,
    fetch_jars,
    free_port,
    in_cache,
    java,
    listens,
    wait_for_enter,
)

VERSION = "4.4.0"
NAME = f"kafka-{VERSION}"
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


def lacking() -> str:
    """What is not there to start it; nothing if all is there."""
    if java(17) is None:
        return "there is no Java 17 here"
    if in_cache(NAME) is None:
        return "Kafka is not fetched: python -m tests.peers.kafka_broker"
    return ""


def fetch() -> None:
    """Fetch it (about 45 MB)."""
    fetch_jars(f"org.apache.kafka:kafka_2.13:{VERSION}", NAME)


class Broker(Service):
    """A broker, which keeps its data while it is stopped.

    :param folder: where its data are.
    """

    def __init__(self, folder: Path) -> None:
        program, jars = java(17), in_cache(NAME)
        assert program is not None
        assert jars is not None
        self.port = free_port()
        self.servers = f"127.0.0.1:{self.port}"
        settings = folder / "server.properties"
        text = _SETTINGS.format(port=self.port, controller=free_port(), folder=folder.as_posix())
        settings.write_text(text, encoding="utf-8")
        run = [program, *HEAP, "-cp", f"{jars}/*"]
        tool = [*run, "kafka.tools.StorageTool"]
        made = subprocess.run([*tool, "random-uuid"], capture_output=True, text=True, check=True)
        uuid = made.stdout.split()[-1]
        subprocess.run([*tool, "format", "-t", uuid, "-c", str(settings)], capture_output=True, check=True)
        super().__init__([*run, "kafka.Kafka", str(settings)], lambda: listens(self.port), folder)


@contextmanager
def running() -> Iterator[Broker]:
    """A broker without topics."""
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder)) as broker:
        yield broker


if __name__ == "__main__":
    fetch()
    if "--fetch" not in sys.argv:
        with running() as started:
            wait_for_enter(f"Kafka {VERSION}: {started.servers}")
