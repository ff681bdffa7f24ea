"""Other libraries' interfaces on avrojet's core, and how to install them for a whole process.

>>> from avrojet.compat import fastavro          # in one module
>>> avrojet.compat.install("fastavro")           # or, first thing, for every module of the process

``python -m avrojet.compat fastavro -m MODULE`` runs a program that cannot be edited.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from types import ModuleType

__all__ = ["AlreadyImportedWarning", "install", "uninstall"]

_FACADES = ("avro", "confluent", "fastavro")

# The modules that were in sys.modules under the names of an installed facade; None: there was none.
_replaced: dict[str, dict[str, ModuleType | None]] = {}


class AlreadyImportedWarning(UserWarning):
    """Modules that were imported before a facade was installed still use the library itself."""


def install(name: str) -> None:
    """Make imports of a library return avrojet's facade from now on, in the whole process.

    The library itself need not be installed. Modules that have imported it before keep the objects that they
    imported; that cannot be undone, and an :class:`AlreadyImportedWarning` names them. So call this before
    other imports. A second call does nothing.

    :param name: ``"fastavro"`` or ``"avro"``, which are replaced completely; or ``"confluent"``: replaces
        confluent-kafka's Avro serializers (``confluent_kafka.schema_registry.avro``) and
        ``confluent_kafka.avro``; the rest of confluent-kafka must be installed.
    :raises ValueError: if there is no facade of that name.
    """
    if name not in _FACADES:
        raise ValueError(f"{name!r} is no library that avrojet replaces; those are {', '.join(_FACADES)}")
    if name in _replaced:
        return
    modules = _modules(name)
    roots = [module for module in modules if module.rpartition(".")[0] not in modules]
    users = sorted({user for root in roots for user in _users(root)})
    if users:
        warnings.warn(
            f"{name} was imported before avrojet took its place; these modules may go on using it: "
            f"{', '.join(users)}. Call avrojet.compat.install({name!r}) before they are imported.",
            AlreadyImportedWarning,
            stacklevel=2,
        )
    before: dict[str, ModuleType | None] = dict.fromkeys(modules)
    before.update({found: module for root in roots for found, module in _take_out(root).items()})
    _replaced[name] = before
    _put_in(modules)


def uninstall(name: str) -> None:
    """Undo :func:`install`: imports return the library itself again.

    Modules that have imported the facade meanwhile keep it.
    """
    before = _replaced.pop(name, None)
    if before is not None:
        for found in before:
            _take_out(found)
        _put_in({found: module for found, module in before.items() if module is not None})


def _modules(name: str) -> dict[str, ModuleType]:
    """Every module of a facade under the library's own name.

    Not ``__main__``, which ``python -m`` must find as a file to run.
    """
    facade = importlib.import_module(f"{__name__}.{name}")
    if hasattr(facade, "INSTALLED"):
        return {
            theirs: importlib.import_module(f"{facade.__name__}.{ours}")
            for theirs, ours in facade.INSTALLED.items()
        }
    modules = {name: facade}
    for found in pkgutil.walk_packages(facade.__path__, f"{facade.__name__}."):
        if not found.name.endswith("__main__"):
            own = found.name.removeprefix(f"{__name__}.")
            modules[own] = importlib.import_module(found.name)
    return modules


def _take_out(name: str) -> dict[str, ModuleType]:
    """Remove a package from sys.modules, and from the package that it is in; return the removed modules."""
    inside = [found for found in sys.modules if found == name or found.startswith(f"{name}.")]
    package, _, own = name.rpartition(".")
    if package in sys.modules:
        vars(sys.modules[package]).pop(own, None)
    return {found: sys.modules.pop(found) for found in inside}


def _put_in(modules: dict[str, ModuleType]) -> None:
    """Put modules into sys.modules under these names, and into the packages that they are in as
    attributes.
    """
    sys.modules.update(modules)
    for name, module in modules.items():
        package, _, own = name.rpartition(".")
        if package in sys.modules and package not in modules:
            setattr(sys.modules[package], own, module)


def _users(name: str) -> list[str]:
    """Modules that hold a package, a module of it, or something defined there."""
    if name not in sys.modules:
        return []
    return sorted(
        found
        for found, module in list(sys.modules.items())
        if found != name and not found.startswith(f"{name}.") and _holds(module, name)
    )


def _holds(module: ModuleType, name: str) -> bool:
    for value in list(getattr(module, "__dict__", {}).values()):
        home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(home, str) and (home == name or home.startswith(f"{name}.")):
            return True
    return False
