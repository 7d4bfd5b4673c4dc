"""All behaviours and their probes: what the modules of the areas declare."""

import pkgutil
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from types import ModuleType

import portability.behaviours
from portability.behaviours.probes import Probe
from portability.model.behaviour import Behaviour, Scale

_AREAS = ("identity", "quota", "place", "img", "boot", "meta", "net", "vol", "guest", "app")
"""In the order in which a reader asks: may I, is there room, does it start, whom do I reach, where is my data."""


@cache
def catalogue() -> tuple[Behaviour, ...]:
    """Every behaviour, area by area, in the order of declaration.

    Raises:
        ValueError: one is declared twice, or not well, or nothing reads it.
    """
    return _checked(_scan())[0]


@cache
def probes() -> tuple[Probe, ...]:
    """Every probe, in the same order.

    Raises:
        ValueError: as `catalogue`.
    """
    return _checked(_scan())[1]


def behaviour(id_: str) -> Behaviour:
    """The behaviour of this id.

    Raises:
        KeyError: there is none.
    """
    return {found.id: found for found in catalogue()}[id_]


def _scan() -> tuple[ModuleType, ...]:
    package = portability.behaviours
    areas = [found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg]
    areas.sort(key=lambda area: (_AREAS.index(area) if area in _AREAS else len(_AREAS), area))
    modules = []
    for area in areas:
        folder = import_module(f"{package.__name__}.{area}")
        modules += [import_module(f"{folder.__name__}.{found.name}") for found in pkgutil.iter_modules(folder.__path__)]
    return tuple(modules)


def _checked(modules: Iterable[ModuleType]) -> tuple[tuple[Behaviour, ...], tuple[Probe, ...]]:
    behaviours: list[Behaviour] = []
    found_probes: list[Probe] = []
    for module in modules:
        own = [value for value in vars(module).values() if isinstance(value, Behaviour)]
        area = module.__name__.rsplit(".", 2)[-2]
        strangers = [found.id for found in own if found.area != area]
        if strangers:
            raise ValueError(f"{module.__name__} declares {', '.join(strangers)}, which belong to another folder")
        behaviours += own
        found_probes += [value for value in vars(module).values() if isinstance(value, Probe)]
    check(behaviours, found_probes)
    return tuple(behaviours), tuple(found_probes)


def check(behaviours: Iterable[Behaviour], found_probes: Iterable[Probe]) -> None:
    """Nothing, if each is declared once and read by one probe at least, and quantities alone have a margin.

    Raises:
        ValueError: naming those that are not.
    """
    behaviours = tuple(behaviours)
    read = {found.id for probe in found_probes for found in probe.behaviours}
    declared = [found.id for found in behaviours]
    problems = {
        "declared twice": [name for name, count in Counter(declared).items() if count > 1],
        "read by no probe": [name for name in declared if name not in read],
        "read, but not declared": sorted(read - set(declared)),
        "a quantity without a margin, or a margin without a quantity": [
            found.id for found in behaviours if (found.scale is Scale.QUANTITY) is not (found.margin is not None)
        ],
    }
    told = [f"{', '.join(names)}: {problem}" for problem, names in problems.items() if names]
    if told:
        raise ValueError("; ".join(told))
