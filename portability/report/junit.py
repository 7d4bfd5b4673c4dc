"""junit.xml: a test case for each behaviour, so that any CI shows a comparison as it shows tests."""

from itertools import groupby
from xml.etree import ElementTree as ET

from portability.model.behaviour import Impact
from portability.model.comparison import Status
from portability.model.journal import Census, Run
from portability.model.run import StageTime
from portability.model.verdict import Finding, Verdict
from portability.report.clean import plain

_BROKEN = (Impact.CHANGE, Impact.BLOCKER)


def junit(verdict: Verdict, run: Run | None = None) -> str:
    """One suite an area. What must change fails; what was not told is skipped; a stage that failed is an error.

    Args:
        run: adds its stages and its census.
    """
    about = f" {run.info.workload} {' '.join(run.info.clouds)}" if run is not None else ""
    root = ET.Element("testsuites", name=plain(f"portability{about}"))
    _suite(
        root, "run", [*(_stages(run, verdict) if run else ()), *_failures(verdict), *(_leftovers(run) if run else ())]
    )
    by_area = sorted(verdict.findings, key=lambda finding: finding.behaviour.area)
    for area, findings in groupby(by_area, key=lambda finding: finding.behaviour.area):
        _suite(root, area, [_case(finding) for finding in findings])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    if not cases:
        return
    counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")}
    suite = ET.SubElement(
        root,
        "testsuite",
        name=plain(name),
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
    )
    suite.extend(cases)


def _case(finding: Finding) -> ET.Element:
    case = _element(finding.behaviour.area, finding.behaviour.id)
    if finding.impact in _BROKEN:
        _say(case, "failure", finding.impact.value, finding.sentence, finding.remedy)
    elif finding.comparison.status in (Status.INCONCLUSIVE, Status.NOT_TESTED):
        _say(case, "skipped", finding.comparison.status.value, finding.comparison.reason or finding.sentence)
    elif finding.impact is not None:
        ET.SubElement(case, "system-out").text = plain(f"{finding.impact.value}: {finding.sentence} {finding.because}")
    return case


def _stages(run: Run, verdict: Verdict) -> list[ET.Element]:
    failed = {(failure.cloud, failure.stage) for failure in verdict.failures}
    return [
        _element(stage.cloud or "both", stage.stage.value, seconds=stage.seconds)
        for stage in run.of(StageTime)
        if stage.ok and (stage.cloud, stage.stage.value) not in failed
    ]


def _failures(verdict: Verdict) -> list[ET.Element]:
    cases = []
    for failure in verdict.failures:
        case = _element(failure.cloud, failure.stage)
        _say(case, "error", failure.kind, failure.message)
        cases.append(case)
    return cases


def _leftovers(run: Run) -> list[ET.Element]:
    cases = []
    for census in run.of(Census):
        case = _element(census.cloud, "nothing left behind")
        left = [f"{line.kind} {name}" for line in census.lines for name in line.ours_left]
        if left:
            _say(
                case, "failure", "left behind", ", ".join(left), f"portability sweep {census.cloud} --run {run.info.id}"
            )
        cases.append(case)
    return cases


def _element(group: str, name: str, *, seconds: float = 0.0) -> ET.Element:
    return ET.Element("testcase", classname=plain(group), name=plain(name), time=f"{seconds:.3f}")


def _say(case: ET.Element, tag: str, kind: str, message: str, text: str = "") -> None:
    said = ET.SubElement(case, tag, type=plain(kind), message=plain(message))
    said.text = plain(text) or None
