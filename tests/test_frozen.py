"""Classes of frozen values do what those of `dataclasses` do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import pytest

from avrojet.frozen import frozen


@frozen
class Ours:
    """Values."""

    a: int
    b: str = "b"

    @property
    def both(self) -> str:
        return f"{self.a}{self.b}"


@frozen(kw_only=True)
class Checked:
    least: int = 1

    def __post_init__(self) -> None:
        if self.least < 0:
            raise ValueError(self.least)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    a: int
    b: str = "b"


def test_values_are_compared_by_their_fields():
    assert Ours(1) == Ours(1, "b") == Ours(a=1, b="b") != Ours(2)
    assert Ours(1) != Theirs(1)
    assert hash(Ours(1)) == hash(Ours(1)) == hash(Theirs(1))
    assert {Ours(1), Ours(1), Ours(2)} == {Ours(1), Ours(2)}
    assert repr(Ours(1)) == repr(Theirs(1)).replace("Theirs", "Ours")
    assert Ours(1).both == "1b"


@pytest.mark.parametrize("cls", [Ours, Theirs])
def test_values_do_not_change(cls):
    value = cls(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'a'"):
        value.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'a'"):
        del value.a
    with pytest.raises((AttributeError, TypeError)):
        value.c = 1
    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize("cls", [Ours, Theirs])
@pytest.mark.parametrize(
    ("arguments", "given"), [((), {}), ((1, "b", 3), {}), ((1,), {"a": 1}), ((1,), {"c": 1})], ids=repr
)
def test_wrong_arguments_are_refused(cls, arguments, given):
    with pytest.raises(TypeError, match=r"__init__\(\) "):
        cls(*arguments, **given)


def test_fields_by_name_only():
    assert Checked(least=2).least == 2
    with pytest.raises(TypeError):
        Checked(2)
    with pytest.raises(ValueError, match="-1"):
        Checked(least=-1)
    with pytest.raises(ValueError, match="-1"):
        dataclasses.replace(Checked(), least=-1)


def test_values_are_copied_and_pickled():
    value = Ours(1, "c")
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == copy.copy(value) == value
    assert value.__replace__(a=2) == Ours(2, "c")


def test_dataclasses_knows_them():
    assert dataclasses.is_dataclass(Ours)
    assert [field.name for field in dataclasses.fields(Ours)] == ["a", "b"]
    assert dataclasses.asdict(Ours(1)) == {"a": 1, "b": "b"}
    assert dataclasses.replace(Ours(1), b="c") == Ours(1, "c")
    assert str(inspect.signature(Ours)) == str(inspect.signature(Theirs))
    match Ours(1):
        case Ours(a, b):
            assert (a, b) == (1, "b")
