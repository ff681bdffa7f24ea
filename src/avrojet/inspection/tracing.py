"""Build the tracer for data of a schema."""

from __future__ import annotations

from avrojet.core.plan.plan import freeze
from avrojet.core.rows.trace import Tracer
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema


def tracer_of(schema: Schema, limits: Limits | None = None) -> Tracer:
    """Return the tracer, which finds what each byte of data of a schema is. Custom logical types appear as
    their plain types.
    """
    return Tracer(freeze(resolve(schema), limits=limits_in_force(limits)))
