"""Ctrl-C at each place: who asks next has the answer, and nobody waits for one that has gone."""

from __future__ import annotations

import contextlib
import json
import threading

import pytest

from avrojet.registry import ConfluentRegistry, Deserializer, MemoryRegistry, OAuth, Retries, Serializer
from tests.interrupts import Interruption, interrupted_everywhere

httpx = pytest.importorskip("httpx")

SCHEMA = {"type": "record", "name": "R", "fields": [{"name": "x", "type": "long"}]}
OAUTH = OAuth("http://issuer", "me", "own")
MESSAGE = b"\0\0\0\0\1\6"


def answer(request):
    if request.url.host == "issuer":
        return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
    said = {"schema": json.dumps(SCHEMA), "id": 1, "version": 1, "subject": "t-value"}
    return httpx.Response(200, json=said)


def remote(auth=OAUTH):
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return ConfluentRegistry("http://registry", client=client, retries=Retries(0), auth=auth)


def local():
    registry = MemoryRegistry()
    registry.register("t-value", SCHEMA)
    return registry


def reading(registry):
    return Deserializer(registry), MESSAGE, {"x": 3}


def writing(registry):
    return Serializer(registry, SCHEMA, topic="t"), {"x": 3}, MESSAGE


@pytest.mark.parametrize(
    ("way", "make", "stride"),
    [
        pytest.param(reading, remote, 1, marks=pytest.mark.slow),
        (reading, local, 7),
        (writing, local, 89),
    ],
    ids=["reading-remote", "reading-local", "writing-local"],
)
def test_an_interruption_keeps_no_message_from_being_read_or_written(way, make, stride):
    stuck = []

    def run(interrupts):
        call, given, expected = way(make())
        with contextlib.suppress(Interruption), interrupts.on():
            call(given)
        # In another thread, which may not take what this one has.
        came = in_a_thread(lambda: call(given))
        if came != [expected] or call(given) != expected:
            stuck.append(interrupts.where)

    for _ in interrupted_everywhere(run, stride):
        assert not stuck


@pytest.mark.slow
def test_who_asks_next_does_so_wherever_the_one_before_was_interrupted():
    answers = []

    def run(interrupts):
        registry = remote(auth=None)
        with contextlib.suppress(Interruption), interrupts.on():
            registry.by_id(1)
        answers.append(in_a_thread(lambda: registry.by_id(1).id))

    for interrupts in interrupted_everywhere(run):
        assert answers.pop() == [1], interrupts.where


def in_a_thread(function):
    """What it returns, in a list; an empty one if that takes too long."""
    came = []
    thread = threading.Thread(target=lambda: came.append(function()), daemon=True)
    thread.start()
    thread.join(10)
    return came
