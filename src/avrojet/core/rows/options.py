"""What an encoder was asked for: made once, and shared by what encodes values and what encodes JSON text."""

from __future__ import annotations

from avrojet.frozen import frozen


@frozen(kw_only=True)
class EncodeOptions:
    """How to take values that lack something that the schema asks for, or have more.

    :ivar tuple_tags: in a union, a tuple ``(branch name, value)`` chooses the branch.
    :ivar type_keys: in a union, a dict chooses the record that its key ``-type`` names. A name that no branch
        has is an error, there and in a tuple.
    :ivar fill_defaults: a record's missing field takes its default.
    :ivar fill_nulls: and null if it has none but may be null.
    :ivar refuse_extra: a record's key that is no field is an error.
    :ivar read_attributes: the fields of what is not a Mapping are its attributes.
    :ivar truncate_times: digits of a second that the type has no room for are dropped.
    :ivar naive_is_utc: a datetime without zone is a time of UTC.
    :ivar naive_is_local: a datetime without zone is a time of the machine's zone.
    :ivar lenient: accept the same value in another type: a bool for an int and the other way round, a float
        or Decimal without fraction for an int, a Decimal or text for a float, any iterable for an array, a
        datetime or ISO text for a date; ignore the zone for a local timestamp and for a time of day; write
        the bytes of a decimal however many digits they are. Numbers, bools and arrays in a branch of a union
        that is not named must be of its own type.
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
