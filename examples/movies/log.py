"""The log of a service that streams movies: made here, with a fixed seed, and parsed.

    2024-03-08T23:06:09,422004,GET /data/m/dear+zachary+2008/84.mpg
    2024-03-08T23:06:10,17,recommendation request 10.0.0.3:8082, status 200, result: a+1999, b+2001, 120 ms
    2024-03-08T23:06:11,422004,GET /rate/dear+zachary+2008=5

Newer lines say more: ``?device=tv`` and ``&end`` behind a movie, ``on tv`` before the time of a response, and
``?after=credits`` behind a rating.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

MOVIES = tuple(
    f"{title}+{year}"
    for title, year in [
        ("dear+zachary+a+letter+to+a+son+about+his+father", 2008),
        ("the+third+man", 1949),
        ("paris+texas", 1984),
        ("amélie", 2001),
        ("stalker", 1979),
        ("the+apartment", 1960),
        ("yi+yi", 2000),
        ("playtime", 1967),
    ]
)
DEVICES = ("tv", "phone", "web")

_HEAD = r"(?P<time>[\d:T-]+),(?P<user>\d+),"
_WATCH = re.compile(
    _HEAD + r"GET /data/m/(?P<movie>[^/]+)/(?P<minute>\d+)\.mpg(?:\?device=(?P<device>\w+)(?P<end>&end)?)?"
)
_RATING = re.compile(_HEAD + r"GET /rate/(?P<movie>[^=]+)=(?P<rating>[1-5])(?:\?after=(?P<context>\w+))?")
_RECOMMENDATION = re.compile(
    _HEAD + r"recommendation request (?P<server>\S+), status (?P<status>\d+), result: (?P<results>.*?), "
    r"(?:on (?P<device>\w+), )?(?P<millis>\d+) ms"
)


def make_log(events: int, seed: int = 1) -> Iterator[str]:
    """Lines of a log; the second half says more. Some are no events, as in every log."""
    chance = random.Random(seed)
    time = datetime(2024, 3, 8, 23, 6, 9, tzinfo=UTC)
    for number in range(events):
        time += timedelta(seconds=chance.randrange(3))
        head = f"{time:%Y-%m-%dT%H:%M:%S},{chance.randrange(1_000_000)}"
        yield f"{head},{_what(chance, new=number >= events // 2)}"


def _what(chance: random.Random, *, new: bool) -> str:
    kind, movie, device = chance.random(), chance.choice(MOVIES), chance.choice(DEVICES)
    if kind < 0.01:
        return "GET /favicon.ico"
    if kind < 0.7:
        minute = chance.randrange(150)
        end = "&end" if minute > 120 else ""
        return f"GET /data/m/{movie}/{minute}.mpg" + (f"?device={device}{end}" if new else "")
    if kind < 0.85:
        return f"GET /rate/{movie}={chance.randrange(1, 6)}" + (
            "?after=credits" if new and kind < 0.8 else ""
        )
    results = ", ".join(chance.sample(MOVIES, 5))
    on = f"on {device}, " if new else ""
    server = f"10.0.0.{chance.randrange(4)}:8082"
    return (
        f"recommendation request {server}, status 200, result: {results}, {on}{chance.randrange(5, 300)} ms"
    )


def parse_log(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events: the name of the kind, and what the line says. What is no event has the kind ``""``."""
    for line in lines:
        text = line.rstrip("\n")
        for kind, pattern, make in _KINDS:
            found = pattern.fullmatch(text)
            if found:
                yield kind, {"time": _time(found["time"]), "userId": int(found["user"]), **make(found)}
                break
        else:
            yield "", {"line": text}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _watch(found: re.Match[str]) -> dict[str, Any]:
    event = {"movieId": found["movie"], "minute": int(found["minute"])}
    if found["device"]:
        event |= {"deviceType": found["device"], "watchedInFull": bool(found["end"])}
    return event


def _recommendation(found: re.Match[str]) -> dict[str, Any]:
    event = {
        "server": found["server"],
        "status": int(found["status"]),
        "results": found["results"].split(", "),
        "responseMillis": int(found["millis"]),
    }
    return event | ({"deviceType": found["device"]} if found["device"] else {})


def _rating(found: re.Match[str]) -> dict[str, Any]:
    event = {"movieId": found["movie"], "rating": int(found["rating"])}
    return event | ({"ratingContext": found["context"]} if found["context"] else {})


_KINDS = (
    ("Watch", _WATCH, _watch),
    ("Rating", _RATING, _rating),
    ("Recommendation", _RECOMMENDATION, _recommendation),
)
