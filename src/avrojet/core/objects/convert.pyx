"""Conversions for values that Python represents by another class than decoding does, one call each."""

from collections.abc import Set
from datetime import timedelta

from avrojet.values import Duration

cdef extern from "Python.h":
    int set_attribute "PyObject_GenericSetAttr"(object, object, object) except -1

cdef int DAY_MILLISECONDS = 24 * 60 * 60 * 1000


def positions(dict record not None):
    """The tuple of a record's values."""
    return tuple(record.values())


def items(value):
    """The elements of a set as a list; any other value unchanged."""
    return list(value) if isinstance(value, Set) else value


def from_duration(value):
    """The timedelta of a duration.

    :raises ValueError: if it has months, whose length varies, or more days than a timedelta can hold.
    """
    months, days, milliseconds = value
    if months:
        raise ValueError(f"a duration of {months} months is not a timedelta: annotate avrojet.Duration")
    try:
        return timedelta(days, 0, 0, milliseconds)
    except OverflowError:
        raise ValueError(f"a duration of {days} days is too long for a timedelta: annotate avrojet.Duration") from None


def to_duration(value):
    """The duration of a timedelta; any other value unchanged.

    :raises ValueError: if it is negative or not a whole number of milliseconds, which Avro cannot express.
    """
    if not isinstance(value, timedelta):
        return value
    if value.days < 0:
        raise ValueError("a duration of Avro cannot be negative")
    if value.microseconds % 1000:
        raise ValueError("a duration of Avro is a whole number of milliseconds")
    return Duration(0, value.days, value.seconds * 1000 + value.microseconds // 1000)


cdef class OneOf:
    """Accepts only the values of a Literal.

    Python's 1, 1.0 and True are equal, so the class is compared, too.
    """

    cdef frozenset pairs
    cdef tuple values

    def __init__(self, tuple values not None):
        self.values = values
        self.pairs = frozenset([(type(value), value) for value in values])

    def __call__(self, value):
        if (type(value), value) not in self.pairs:
            raise ValueError(f"{value!r:.60} is not one of {', '.join(map(repr, self.values))}")
        return value


cdef class OptionalKeys:
    """Removes from a dict the keys for which the record has null, which stands for a missing key."""

    cdef tuple names

    def __init__(self, tuple names not None):
        self.names = names

    def __call__(self, record):
        if isinstance(record, dict):
            for name in self.names:
                if (<dict>record).get(name) is None:
                    del (<dict>record)[name]
        return record


cdef class TrustedModel:
    """Makes pydantic models without validating their values, like ``model_construct``."""

    cdef object cls
    cdef object fields
    cdef bint has_post_init

    def __init__(self, cls):
        self.cls = cls
        self.fields = frozenset(cls.__pydantic_fields__)
        self.has_post_init = cls.__pydantic_post_init__ is not None

    def __call__(self, dict values not None):
        model = object.__new__(self.cls)
        set_attribute(model, "__dict__", values)
        set_attribute(model, "__pydantic_fields_set__", set(self.fields))
        set_attribute(model, "__pydantic_extra__", {} if self.cls.model_config.get("extra") == "allow" else None)
        if self.has_post_init:
            model.model_post_init(None)
        else:
            set_attribute(model, "__pydantic_private__", None)
        return model
