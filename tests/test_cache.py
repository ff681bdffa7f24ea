"""The cache of plans: bounded in number and in characters, and the same for threads."""

from __future__ import annotations

import copy
import gc
import io
import json
import threading
import tracemalloc

import pytest

import avrojet
from avrojet import custom, datum, order
from avrojet.cache import PlanCache
from avrojet.columns import plan as columns_plan
from avrojet.compat.fastavro import _compile, _read
from avrojet.core.plan import plan
from avrojet.schema import parse
from tests.stacks import in_a_small_stack


def test_what_is_kept_is_found():
    cache = PlanCache(10, 100)
    assert cache.get("a") is None
    cache.keep("a", "A", 1)
    assert cache.get("a") == "A"
    cache.clear()
    assert cache.get("a") is None
    assert len(cache) == 0


def test_the_number_is_bounded_and_what_is_used_stays():
    cache = PlanCache(10, 1 << 30)
    cache.keep("used", 0, 1)
    for number in range(1000):
        cache.keep(number, number, 1)
        assert cache.get("used") == 0
        assert cache.get(number) == number
        assert len(cache) <= 10


def test_the_characters_are_bounded():
    cache = PlanCache(1000, 100)
    for number in range(100):
        cache.keep(number, number, 30)
        assert len(cache) <= 3
    cache.keep("large", 0, 51)
    assert cache.get("large") is None


def test_a_plan_that_is_kept_again_counts_once():
    cache = PlanCache(10, 100)
    cache.keep("other", 1, 10)
    for _ in range(100):
        cache.keep("same", 2, 10)
    assert cache.get("other") == 1


def test_a_finalizer_may_come_to_it_while_it_keeps_a_plan():
    cache = PlanCache()

    class Key:
        def __hash__(self):
            cache.keep("within", 2, 1)
            return 1

    cache.keep(Key(), 1, 1)
    assert cache.get("within") == 2


def test_threads_may_share_it():
    cache = PlanCache(8, 1000)
    wrong = []

    def work(start):
        for number in range(start, start + 3000):
            key = number % 20
            found = cache.get(key)
            if found is None:
                cache.keep(key, key * 2, 10)
            elif found != key * 2:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(cache) <= 8


def large(number, size):
    fields = [{"name": f"f{index}", "type": "long", "default": 0} for index in range(size // 40)]
    return json.dumps({"type": "record", "name": f"R{number}", "fields": fields})


USES = {
    "decode": lambda text: avrojet.decode(bytes(500), text),
    "encode": lambda text: avrojet.encode({f"f{index}": 0 for index in range(500)}, text),
    "compare": lambda text: avrojet.compare(bytes(500), bytes(500), text),
}


@pytest.mark.slow
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_large_schemas_of_strangers_do_not_pile_up(use, monkeypatch):
    for module, name in [
        (datum, "_encoders"),
        (datum, "_decoders"),
        (datum, "_codecs"),
        (order, "_comparators"),
        (parse, "_parsed"),
    ]:
        monkeypatch.setattr(module, name, PlanCache(256, 1 << 18))

    def held_after(numbers):
        for number in numbers:
            use(large(number, 20_000))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        few = held_after(range(12))
        many = held_after(range(12, 36))
    finally:
        tracemalloc.stop()
    assert many < few * 1.5


def test_every_cache_of_plans_is_one():
    for cache in (
        datum._encoders,
        datum._decoders,
        order._comparators,
        columns_plan._plans,
        _compile._plans.cache,
        _read._file_schemas,
        datum._codecs,
        parse._parsed,
    ):
        assert isinstance(cache, PlanCache)


def plans_made(monkeypatch):
    """Grows by one whenever a plan is compiled."""
    made = []

    def freeze(*args, **options):
        made.append(args)
        return plan.freeze(*args, **options)

    monkeypatch.setattr(datum, "freeze", freeze)
    return made


POINT = {"type": "record", "name": "CachedPoint", "fields": [{"name": "x", "type": "long"}]}
WIDER = {"type": "record", "name": "CachedPoint", "fields": [{"name": "x", "type": "double"}]}
PARSED = avrojet.parse_schema(POINT)
FORMS = {
    "text": lambda: json.dumps(POINT),
    "data": lambda: json.loads(json.dumps(POINT)),
    "a schema": lambda: PARSED,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_plan_is_found_again_by_schemas_and_options(form, monkeypatch):
    datum._codecs.clear()
    made = plans_made(monkeypatch)
    for _ in range(3):
        assert avrojet.Decoder(form()).decode(b"\2") == {"x": 1}
        assert avrojet.Decoder(form(), records="tuple").decode(b"\2") == (1,)
        assert avrojet.Decoder(form(), WIDER).decode(b"\2") == {"x": 1.0}
        assert avrojet.Encoder(form()).encode({"x": 1}) == b"\2"
        assert avrojet.Encoder(form(), extra_fields="error").encode({"x": 1}) == b"\2"
    assert len(made) == 4


def test_files_of_one_schema_share_plans(monkeypatch):
    datum._codecs.clear()
    made = plans_made(monkeypatch)
    for number in range(3):
        file = io.BytesIO()
        avrojet.write(file, POINT, [{"x": number}])
        assert list(avrojet.DataFileReader(io.BytesIO(file.getvalue()))) == [{"x": number}]
    assert len(made) == 2


def test_data_that_nest_deep_are_parsed_each_time_in_a_small_stack():
    schema = POINT
    for level in range(190):
        field = {"name": "f", "type": ["null", schema]}
        schema = {"type": "record", "name": f"Level{level}", "fields": [field]}
    for _ in range(2):
        assert in_a_small_stack(lambda: avrojet.Decoder(schema).decode(b"\0")) == {"f": None}


def test_data_that_have_changed_are_another_schema():
    schema = copy.deepcopy(POINT)
    assert avrojet.Decoder(schema).decode(b"\2") == {"x": 1}
    schema["fields"][0]["name"] = "y"
    assert avrojet.Decoder(schema).decode(b"\2") == {"y": 1}
    schema["fields"][0]["type"] = 5
    with pytest.raises(avrojet.SchemaError):
        avrojet.Decoder(schema)


def test_what_is_alike_in_python_is_not_the_same_schema():
    def default(value):
        fields = [{"name": "x", "type": "double", "default": value, "extra": value}]
        return avrojet.parse_schema({"type": "record", "name": "Alike", "fields": fields}).json

    assert '"extra":1.0' in default(1.0)
    assert '"extra":1}' in default(1)
    with pytest.raises(avrojet.SchemaError):
        default(True)


def test_warnings_come_each_time():
    for _ in range(2):
        with pytest.warns(avrojet.IgnoredLogicalTypeWarning):
            avrojet.parse_schema('{"type": "int", "logicalType": "uuid"}')


class Doubled(avrojet.CustomLogicalType):
    name = "doubled-when-cached"

    def decode(self, value, schema):
        return value * 2

    def encode(self, value, schema):
        return value // 2


def test_a_logical_type_that_is_registered_counts_at_once(monkeypatch):
    monkeypatch.setattr(custom._Register, "types", custom._Register.types)
    schema = '{"type": "long", "logicalType": "doubled-when-cached"}'
    assert avrojet.decode(b"\2", schema) == 1
    assert avrojet.Decoder(schema).decode(b"\2") == 1
    avrojet.register_logical_type(Doubled())
    assert avrojet.decode(b"\2", schema) == 2
    assert avrojet.Decoder(schema).decode(b"\2") == 2
    assert avrojet.Decoder(schema, logical_types=False).decode(b"\2") == 1
    assert avrojet.encode(2, schema) == b"\2"
