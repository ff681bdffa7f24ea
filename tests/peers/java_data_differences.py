"""Where Avro for Java makes other data of data than avrojet, by rule.

Each rule says what Java does, and why avrojet does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.peers.java_data import Case


@dataclass
class Difference:
    """:ivar what: was done; a name in Peer.java.
    :ivar datum: in binary, if it is one.
    :ivar java: what Java makes of it, or that it cannot."""

    case: Case
    what: str
    datum: bytes | None
    java: Any
    here: Any

    @property
    def error(self) -> str:
        return self.java["error"] if isinstance(self.java, dict) and "error" in self.java else ""


RULES: dict[str, Callable[[Difference], bool]] = {}


def explained(difference: Difference) -> str:
    """The rule that explains a difference; nothing if none does."""
    return next((rule for rule, applies in RULES.items() if applies(difference)), "")


def shown(difference: Difference) -> str:
    """All there is to say of a difference."""
    datum = "" if difference.datum is None else f"\n  datum  {difference.datum.hex()}"
    return (
        f"{explained(difference) or 'DIFFERENT'}: {difference.case.name}: {difference.what}\n"
        f"  schema {json.dumps(difference.case.schema)}{datum}\n"
        f"  here   {str(difference.here)[:1000]}\n  Java   {str(difference.java)[:1000]}"
    )
