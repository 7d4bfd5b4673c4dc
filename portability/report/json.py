"""verdict.json: all that a machine needs to act on a run, and enough to judge the verdict again."""

import json
from typing import Any

from portability.model.codec import decode, encode
from portability.model.journal import ApiCalls, Census, Remark, Run
from portability.model.run import ExerciseResult, Spent, StageTime
from portability.model.verdict import Verdict
from portability.report.document import tiles

SCHEMA = "portability.verdict"


def render(run: Run, verdict: Verdict) -> str:
    """The verdict's own fields at the top, so that what reads a `Verdict` reads this; beside them what it rests on."""
    whole = {
        "schema": SCHEMA,
        **encode(verdict),
        "counts": {tile.label: int(tile.number) for tile in tiles(verdict)},
        "run": encode(run.info),
        "workload": {"name": run.workload.name, "source": run.workload.source, "digest": run.workload.digest},
        "bindings": encode(run.plan.bindings) if run.plan else [],
        "exercises": [_without_timeline(result) for result in run.of(ExerciseResult)],
        "census": encode(run.of(Census)),
        "stages": encode(run.of(StageTime)),
        "spent": encode(run.of(Spent)),
        "api_calls": encode(run.of(ApiCalls)),
        "remarks": encode(run.of(Remark)),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> Verdict:
    """The verdict in such a file.

    Raises:
        ValueError: it is no such file, or of a newer schema.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("schema", SCHEMA) != SCHEMA:
        raise ValueError("not a verdict of portability")
    if data.get("schema_version") != 1:
        raise ValueError(f"schema version {data.get('schema_version')!r} where 1 is known")
    return decode(Verdict, data)


def _without_timeline(result: ExerciseResult) -> dict[str, Any]:
    """Single requests are in the journal."""
    return {name: value for name, value in encode(result).items() if name != "timeline"}
