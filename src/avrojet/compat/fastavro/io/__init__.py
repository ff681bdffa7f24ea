"""Encoders and decoders, as fastavro.io."""

from __future__ import annotations


def refuse_hooks(instance: object, base: type, prefix: str) -> None:
    """Refuse a subclass that overrides how fastavro's class handles each value. There is no such step here,
    and ignoring the override silently would write or read something else.

    :raises TypeError: if the class of `instance` adds methods to `base` whose names begin with `prefix`.
    """
    hooks = [name for name in dir(type(instance)) if name.startswith(prefix) and not hasattr(base, name)]
    if hooks:
        raise TypeError(
            f"{type(instance).__name__} overrides {', '.join(hooks)} of fastavro's {base.__name__}, which "
            "avrojet's never calls: it codes whole rows. Convert the values before or after."
        )
