"""Counting what a project has, before and after: proof that a run left nothing behind."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from portability.cloud.protocol import Cloud, Kind, Resource
from portability.model.run import CensusLine


def count_everything(cloud: Cloud) -> dict[Kind, int]:
    """How many the project has of each kind, anybody's."""
    with ThreadPoolExecutor(len(Kind)) as pool:
        return dict(zip(Kind, pool.map(cloud.count, Kind), strict=True))


def take_census(cloud: Cloud, *, before: Mapping[Kind, int], prefix: str) -> tuple[CensusLine, ...]:
    """Each kind then and now, and what of ours is still there. Others may work there too: only the last is ours."""

    def line(kind: Kind) -> CensusLine:
        found = cloud.find(kind, "")
        return CensusLine(
            kind=kind.value, before=before.get(kind, 0), after=len(found), ours_left=_named(found, prefix)
        )

    with ThreadPoolExecutor(len(Kind)) as pool:
        return tuple(pool.map(line, Kind))


def _named(found: tuple[Resource, ...], prefix: str) -> tuple[str, ...]:
    return tuple(sorted(item.name for item in found if item.name.startswith(prefix)))
