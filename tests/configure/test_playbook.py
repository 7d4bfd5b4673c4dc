"""Ansible itself, run on this machine in place of a server: what is kept, what is hidden, and how it ends."""

import json
import os
import stat
from pathlib import Path

import pytest

from portability.configure import playbook
from portability.configure.playbook import configure
from portability.errors import ConfigurationFailed, Interrupted
from portability.model.event import Event
from portability.model.run import TaskTime
from portability.model.workload import Workload
from portability.plan.load import load_workload
from tests.configure.made import deployment

HEAD = "- hosts: entry\n  connection: local\n  gather_facts: false\n  vars_files: ['{{ secrets_file }}']\n  tasks:\n"
PYTHON = "  - set_fact: {ansible_python_interpreter: '{{ ansible_playbook_python }}'}\n"


def workload(folder: Path, tasks: str) -> Workload:
    """The three-tier workload with a playbook of its own, which a workload may bring along."""
    import dataclasses

    (folder / "site.yml").write_text(HEAD + PYTHON + tasks)
    return dataclasses.replace(load_workload("three-tier"), source=str(folder / "workload.yaml"))


def run(folder: Path, tasks: str, *, heard: list[Event] | None = None, stop: bool = False) -> tuple[TaskTime, ...]:
    return configure(
        deployment(is_direct=True),
        workload(folder, tasks),
        run_dir=folder,
        known_hosts=folder / "known_hosts",
        listener=(heard if heard is not None else []).append,
        extra={"planted": "s3cret-planted"},
        is_cancelled=lambda: stop,
    )


def kept(folder: Path) -> str:
    return "\n".join(file.read_text() for file in folder.rglob("*") if file.is_file() and file.name != "site.yml")


def test_a_play_gives_times_and_leaves_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_PASSWORD", "s3cret-of-the-cloud")
    monkeypatch.setenv("ANSIBLE_STRATEGY", "no-such-strategy")
    heard: list[Event] = []
    times = run(
        tmp_path,
        "  - {name: Secrets are there, assert: {that: [planted == 's3cret-planted', database_password is defined]}}\n"
        "  - {name: Ours are not, assert: {that: [\"lookup('env', 'OS_PASSWORD') == ''\"]}}\n",
        heard=heard,
    )
    assert [time.task for time in times][1:] == ["Secrets are there", "Ours are not"]
    assert all(time.ok and time.cloud == "here" for time in times)
    assert len(heard) == 3
    lines = (tmp_path / "tasks.jsonl").read_text().splitlines()
    assert [json.loads(line)["task"] for line in lines] == [time.task for time in times]
    assert "s3cret" not in kept(tmp_path)
    private = tmp_path / "ansible-here"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert sorted(file.name for file in private.iterdir()) == ["ansible.cfg", "hosts.json", "output.txt"]


def test_a_task_that_fails_is_told_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFailed) as caught:
        run(tmp_path, "  - {name: Break, command: {argv: [sh, -c, 'echo why >&2; exit 3']}}\n")
    assert "task 'Break' failed on edge-0" in str(caught.value)
    assert "why" in str(caught.value)
    assert (tmp_path / "ansible-here" / "output.txt").is_file()
    assert "s3cret" not in kept(tmp_path)


def test_a_playbook_that_cannot_be_read_is_told_with_ansibles_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFailed, match="no_such_module"):
        run(tmp_path, "  - {name: Break, no_such_module: {}}\n")


def test_a_run_that_is_cancelled_ends_early(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run(tmp_path, "  - {name: Wait, command: {argv: [sleep, '60']}}\n", stop=True)
    assert not any(_is_ours(folder, tmp_path) for folder in Path("/proc").glob("[0-9]*"))


def test_an_entry_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'Connection refused' >&2\nexit 255\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    with pytest.raises(ConfigurationFailed, match="here: no SSH connection to edge-0: Connection refused"):
        configure(
            deployment(),
            load_workload("three-tier"),
            run_dir=tmp_path,
            known_hosts=tmp_path / "known_hosts",
            listener=[].append,
        )


def test_the_playbooks_are_found(tmp_path: Path) -> None:
    assert (playbook._playbooks() / "site.yml").is_file()


def _is_ours(folder: Path, mark: Path) -> bool:
    try:
        return os.fsencode(mark) in (folder / "cmdline").read_bytes() and int(folder.name) != os.getpid()
    except OSError:
        return False
