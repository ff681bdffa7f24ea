"""Random examples of a Hypothesis strategy, the same every time."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Example = TypeVar("Example")


def drawn(strategy: st.SearchStrategy[Example], count: int) -> list[Example]:
    """That many examples; fewer if there are no more."""
    made: list[Example] = []

    @settings(
        max_examples=count,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(example: Example) -> None:
        made.append(example)

    draw()
    return made
