"""Behaviours and observations to compare."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from portability.compare.compare import compare
from portability.model.behaviour import Behaviour, Better, Cost, Level, Margin, Scale
from portability.model.comparison import Comparison
from portability.model.observation import Measured, Observation, Outcome, Refused, Unknown, Value

A, B = "onprem", "public"
MARGIN = Margin(relative=0.2, absolute=1.0, reason="a deployment tool waits in whole seconds")


def behaviour(scale: Scale, *, margin: Margin | None = None, better: Better = Better.LOWER) -> Behaviour:
    return Behaviour(
        id=f"test.{scale.value}",
        means="Something is as it is.",
        scale=scale,
        level=Level.REQUIRED,
        unit="s" if scale is Scale.QUANTITY else "",
        authority="this test",
        breaks="Nothing.",
        remedy="none",
        cost=Cost.NO_SERVER,
        better=better,
        margin=margin or (MARGIN if scale is Scale.QUANTITY else None),
    )


def outcome(value: Value | Outcome) -> Outcome:
    return value if isinstance(value, Measured | Refused | Unknown) else Measured(value=value)


def readings(
    cloud: str, of: Behaviour, values: Iterable[Value | Outcome], *, subject: str = "", resolution: float | None = None
) -> list[Observation]:
    return [
        Observation(
            cloud=cloud,
            behaviour=of.id,
            subject=subject,
            outcome=outcome(value),
            at="2026-11-22T12:00:00+00:00",
            repetition=repetition,
            resolution=resolution,
        )
        for repetition, value in enumerate(values)
    ]


def compared(
    of: Behaviour,
    baseline: Sequence[Value | Outcome],
    candidate: Sequence[Value | Outcome],
    *,
    resolution: float | None = None,
) -> Comparison:
    """The comparison of one behaviour without subjects."""
    observations = [
        *readings(A, of, baseline, resolution=resolution),
        *readings(B, of, candidate, resolution=resolution),
    ]
    (comparison,) = compare(observations, (of,), (A, B))
    return comparison


def with_detail(observations: Iterable[Observation], detail: str) -> list[Observation]:
    return [replace(observation, detail=detail) for observation in observations]
