"""Tests of a table of cases run them all, and say which fail."""

from __future__ import annotations

import inspect

import pytest

from tests.cases import for_each


def test_all_cases_are_run_with_the_fixtures():
    seen = []

    @for_each(("left", "right"), [(1, 2), (3, 4)])
    @for_each("last", "ab")
    def sum_of(left, right, last, fixture):
        seen.append((left, right, last, fixture))

    assert list(inspect.signature(sum_of).parameters) == ["fixture"]
    sum_of(fixture=0)
    assert seen == [(1, 2, "a", 0), (1, 2, "b", 0), (3, 4, "a", 0), (3, 4, "b", 0)]


@pytest.mark.parametrize(
    ("ids", "notes"),
    [
        (None, ["case: number=1", "3 of 4 cases fail, also: number=2; number=3"]),
        (["zero", "one", "two", "three"], ["case: one", "3 of 4 cases fail, also: two; three"]),
        (lambda number: number * 10, ["case: 10", "3 of 4 cases fail, also: 20; 30"]),
    ],
)
def test_a_failure_names_the_cases(ids, notes):
    @for_each("number", range(4), ids=ids)
    def test(number):
        assert number == 0

    with pytest.raises(AssertionError) as caught:
        test()
    assert caught.value.__notes__ == notes


def test_cases_that_are_skipped_make_the_test_skipped_unless_one_fails():
    @for_each("number", [0, 1, 1, 2])
    def test(number, fails):
        if number == 1:
            pytest.skip("no library")
        assert number != fails

    with pytest.raises(pytest.skip.Exception, match="2 of 4 cases, as number=1: no library"):
        test(fails=5)
    with pytest.raises(AssertionError):
        test(fails=2)


def test_a_table_that_does_not_fit_its_test():
    with pytest.raises(AssertionError, match="not a parameter"):
        for_each("other", [1])(lambda number: None)
    with pytest.raises(AssertionError, match="no cases"):
        for_each("number", [])
    with pytest.raises(AssertionError, match="ids"):
        for_each("number", [1, 2], ids=["one"])
    with pytest.raises(ValueError, match="zip"):
        for_each(("left", "right"), [(1, 2, 3)])
