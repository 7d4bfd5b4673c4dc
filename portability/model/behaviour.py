"""One named thing that can be observed on a cloud."""

from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    FACT = "fact"
    """Boolean, text or set: compared exactly, subject by subject."""
    QUANTITY = "quantity"
    """Times, rates, sizes that vary: compared by statistics."""
    LIMIT = "limit"
    """Compared with the workload's demand, not with the other cloud."""


class Level(StrEnum):
    REQUIRED = "required"
    RECOMMENDED = "recommended"
    INFORMATIONAL = "informational"


class Cost(StrEnum):
    NO_SERVER = "no server"
    SERVER = "server"
    SEVERAL = "several servers"


class Better(StrEnum):
    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


class Impact(StrEnum):
    """What a difference means for the workload at hand."""

    HARMLESS = "harmless"
    ABSORBED = "absorbed"
    """The bindings dealt with it."""
    CHANGE = "change"
    """Something must be changed; the remedy says what."""
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """A shift of a quantity within the margin is no difference: within `relative` of the mean of both medians or
    `absolute` in the behaviour's unit, whichever is larger. The same margin whichever cloud is the baseline.
    """

    relative: float
    absolute: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    id: str
    """`area.noun[.quality]`"""
    means: str
    """One sentence that a manager understands."""
    scale: Scale
    level: Level
    unit: str
    """`s`, `ms`, `MiB/s`, `bytes`; empty for facts without a unit."""
    authority: str
    """Who says what a cloud should do: an RFC, an API reference, a standard's number."""
    breaks: str
    """What breaks when two clouds differ here."""
    remedy: str
    """What to do about it, as something to paste where possible."""
    cost: Cost
    better: Better = Better.NEITHER
    margin: Margin | None = None
    """Quantities have one."""
    impact: Impact = Impact.CHANGE
    """What a difference means where neither the workload nor the policy says more."""
    absorbed_by: str | None = None
    """The aspect of a binding (`access`, `config_drive`, `image`, …) that deals with a difference."""
    accepted: tuple[str, ...] = ()
    """Facts that every portable cloud must show; empty: no value is wrong in itself. `true` for booleans."""
    is_disruptive: bool = False
    is_intrusive: bool = False

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]
