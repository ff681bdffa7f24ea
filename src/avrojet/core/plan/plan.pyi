from collections.abc import Callable, Mapping
from typing import Any

from avrojet.core.ground.arena import Arena
from avrojet.core.objects.form import Shape
from avrojet.limits import Limits
from avrojet.plan.steps import Branch, Step
from avrojet.schema.model import Schema

class Plan(Arena): ...
class Planned: ...

def freeze(
    step: Step,
    shape: Shape | None = None,
    *,
    encoding: bool = False,
    first_fit: bool = False,
    tuples: bool = False,
    bare: bool = False,
    tagged: Callable[[Branch], bool] | None = None,
    converters: Mapping[str, Callable[[Schema], Callable[[Any], Any]]] | None = None,
    unicode_errors: str | None = None,
    limits: Limits | None = None,
) -> Plan: ...
