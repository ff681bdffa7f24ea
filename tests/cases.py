"""Tests of a table of cases: one test for pytest, which takes longer over each test than most cases take."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pytest

MOST_NAMES = 20
Test: TypeAlias = Callable[..., None]
Ids: TypeAlias = Iterable[object] | Callable[[Any], object]


def for_each(
    names: str | tuple[str, ...], cases: Iterable[Any], ids: Ids | None = None
) -> Callable[[Test], Test]:
    """As ``pytest.mark.parametrize``, but all cases are one test, and share its fixtures.

    Every case is run. If some fail, the test fails as the first of them does; its report names them all. If
    some are skipped, and none fails, the test is skipped.

    It is for cases that take milliseconds and need no fixture of their own. Cases that depend on which
    libraries are installed remain tests of their own: one that has passed may be left out of a later run.
    """
    wanted = (names,) if isinstance(names, str) else names
    table = [dict(zip(wanted, (case,) if isinstance(names, str) else case, strict=True)) for case in cases]
    known = ids if ids is None or callable(ids) else list(ids)
    assert table, "there are no cases"
    assert not isinstance(known, list) or len(known) == len(table), "not as many ids as cases"

    def decorate(test: Test) -> Test:
        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in wanted]
        assert len(left) + len(wanted) == len(signature.parameters), "a name is not a parameter of the test"

        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            failed: list[tuple[int, Exception]] = []
            skipped: list[tuple[int, pytest.skip.Exception]] = []
            for i, case in enumerate(table):
                try:
                    test(**fixtures, **case)
                except pytest.skip.Exception as reason:
                    skipped.append((i, reason))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 (it is raised in the end)
                    failed.append((i, error))
            if failed:
                shown = [_name(table[i], known, i) for i, _ in failed]
                raise _noted(failed[0][1], shown, len(table))
            if skipped:
                i, reason = skipped[0]
                text = f"{len(skipped)} of {len(table)} cases, as {_name(table[i], known, i)}: {reason.msg}"
                pytest.skip(text)

        run.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return run

    return decorate


def _noted(error: Exception, failed: list[str], cases: int) -> Exception:
    error.add_note(f"case: {failed[0]}")
    if len(failed) > 1:
        shown = "; ".join(failed[1:MOST_NAMES])
        error.add_note(
            f"{len(failed)} of {cases} cases fail, also: {shown}{' ...' * (len(failed) > MOST_NAMES)}"
        )
    return error


def _name(case: dict[str, Any], ids: list[object] | Callable[[Any], object] | None, number: int) -> str:
    if isinstance(ids, list):
        return str(ids[number])
    if ids is not None:
        return "-".join(str(ids(value)) for value in case.values())
    return ", ".join(f"{name}={_shown(value)}" for name, value in case.items())


def _shown(value: object) -> str:
    try:
        return repr(value)[:80]
    except Exception:  # noqa: BLE001 (some cases are there because theirs raises)
        return type(value).__name__
