"""Options of encoders: made once, and shared by the encoding of values and of JSON text."""

from __future__ import annotations

from avrojet.frozen import frozen


@frozen(kw_only=True)
class EncodeOptions:
    """How to encode values that have less or more than the schema asks for.

    :ivar tuple_tags: in a union, a tuple ``(branch name, value)`` chooses the branch.
    :ivar type_keys: in a union, a dict chooses the record that its key ``-type`` names. A name that is not a
        branch is an error, there and in a tuple.
    :ivar fill_defaults: a record's missing field takes its default.
    :ivar fill_nulls: and null if it has none but is nullable.
    :ivar refuse_extra: a record's key that is not a field is an error.
    :ivar read_attributes: the fields of a value that is not a Mapping are its attributes.
    :ivar truncate_times: digits of a second finer than the type's unit are dropped.
    :ivar naive_is_utc: a datetime without zone is in UTC.
    :ivar naive_is_local: a datetime without zone is in the machine's zone.
    :ivar lenient: accept the same value in another type: a bool for an int and vice versa, a float or Decimal
        without fraction for an int, a Decimal or text for a float, any iterable for an array, a datetime or
        ISO text for a date; ignore the zone for a local timestamp and for a time of day; write the bytes of a
        decimal whatever its number of digits. In a union without a named branch, numbers, bools and arrays
        must have the branch's own type.
    """

    tuple_tags: bool = False
    type_keys: bool = False
    fill_defaults: bool = False
    fill_nulls: bool = False
    refuse_extra: bool = False
    read_attributes: bool = False
    truncate_times: bool = False
    naive_is_utc: bool = False
    naive_is_local: bool = False
    lenient: bool = False
