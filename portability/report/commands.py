"""Commands for the reader to paste."""

from portability.model.journal import Run
from portability.model.units import CloudLabel


def compare_again(run: Run, *, repetitions: int | None = None) -> str:
    """The command of the run, with other repetitions where they are given."""
    command = run.info.command or f"portability compare {run.info.workload} {' '.join(run.info.clouds)}"
    if repetitions is None:
        return command
    kept: list[str] = []
    words = iter(command.split())
    for word in words:
        if word in ("-r", "--repetitions"):
            next(words, None)
        elif not (word.startswith("--repetitions=") or (word.startswith("-r") and word[2:].isdigit())):
            kept.append(word)
    return " ".join((*kept, "-r", str(repetitions)))


def sweep(run: Run, cloud: CloudLabel) -> str:
    """What removes the leftovers of the run on one cloud."""
    return f"portability sweep {_name(run, cloud)} --run {run.info.id} --yes"


def _name(run: Run, cloud: CloudLabel) -> str:
    """As in clouds.yaml: a cloud that is compared with itself has labels with -1 and -2."""
    stem = cloud.removesuffix("-1").removesuffix("-2")
    words = run.info.command.split()
    return stem if cloud not in words and stem in words else cloud
