"""Strategies that make any value of the model, from its annotations."""

from dataclasses import is_dataclass
from types import ModuleType

from hypothesis import strategies as st

from portability.model import (
    behaviour,
    comparison,
    deployment,
    journal,
    observation,
    plan,
    run,
    verdict,
    workload,
)

MODULES: tuple[ModuleType, ...] = (
    behaviour, comparison, deployment, journal, observation, plan, run, verdict, workload,
)  # fmt: skip

TYPES: tuple[type, ...] = tuple(
    kind
    for module in MODULES
    for kind in vars(module).values()
    if is_dataclass(kind) and isinstance(kind, type) and kind.__module__ == module.__name__
)
"""Every dataclass that a module of the model declares."""

# JSON has no NaN, and NaN does not equal itself; integers beyond 64 bits are no reading of anything.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(2**63), 2**63))
st.register_type_strategy(str, st.text(max_size=4))
