"""Verdict and reports of an old run, from its directory alone."""

import json
from dataclasses import replace
from pathlib import Path

from portability.behaviours.catalogue import behaviour
from portability.history.store import RunDir, create_run_dir
from portability.model.journal import Run
from portability.model.verdict import VerdictKind
from portability.observe.journal import Journal
from portability.pipeline.conclude import report_again
from tests.judge.runs import complete, observed

SEEN, UNSEEN = "net.sg.allowed", "boot.datasource"


def kept(root: Path, run: Run) -> RunDir:
    directory = create_run_dir(root, run.info.id)
    directory.write_info(run.info)
    directory.write_workload(run.workload)
    directory.write_offers(run.offers)
    assert run.plan is not None
    directory.write_plan(run.plan)
    journal = Journal(directory.journal)
    for record in run.records:
        journal.write(record)
    journal.close()
    return directory


def observed_run(*in_scope: str) -> Run:
    run = complete(*observed(behaviour(SEEN), True, True))
    return replace(run, info=replace(run.info, behaviours=in_scope))


def test_a_run_that_saw_all_it_was_to_see_is_judged_as_before(tmp_path: Path) -> None:
    directory = kept(tmp_path, observed_run(SEEN))
    journal = directory.journal.read_bytes()
    result = report_again(directory)
    assert result.verdict.kind is VerdictKind.PORTABLE
    assert json.loads((directory.path / "verdict.json").read_text())["kind"] == "portable"
    assert "net.sg.allowed" in directory.report.read_text()
    assert directory.journal.read_bytes() == journal


def test_what_a_run_that_was_cut_short_did_not_see_is_not_taken_for_the_same(tmp_path: Path) -> None:
    result = report_again(kept(tmp_path, observed_run(SEEN, UNSEEN)))
    assert result.verdict.kind is VerdictKind.INCONCLUSIVE
    assert any(UNSEEN in reason for reason in result.verdict.reasons)
