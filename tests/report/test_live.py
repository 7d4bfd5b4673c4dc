import io
import threading

from rich.console import Console

from portability.cli.live import Board, live
from portability.model.event import Note, Progress, StageEnded, StageStarted
from portability.model.run import Stage

CLOUDS = ("onprem", "public")


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def drawn(board: Board, *, width: int = 90) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(board)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def lines(mode, *events) -> list[str]:
    console = Console(file=io.StringIO(), width=60)
    with live(CLOUDS, mode=mode, console=console, clock=Watch()) as listener:
        for event in events:
            listener(event)
    return [line.strip() for line in console.file.getvalue().splitlines()]


def test_a_running_stage_ticks_and_shows_what_it_does():
    watch = Watch()
    board = Board(clouds=CLOUDS, clock=watch)
    board(StageStarted(cloud="onprem", stage=Stage.DEPLOY))
    board(Progress(cloud="onprem", stage=Stage.DEPLOY, text="servers are ACTIVE", done=2, total=4))
    watch.time += 7
    (line,) = (line for line in drawn(board) if line.startswith("deploy"))
    assert "7 s" in line
    assert "2/4  servers are ACTIVE" in line


def test_a_stage_of_both_clouds_stands_under_both():
    board = Board(clouds=CLOUDS, clock=Watch())
    board(StageStarted(cloud=None, stage=Stage.CHECK))
    board(StageEnded(cloud=None, stage=Stage.CHECK, seconds=1.25))
    assert drawn(board)[1].count("✓ 1.2 s") == 2


def test_a_stage_that_failed_on_one_cloud_says_so_under_that_cloud():
    board = Board(clouds=CLOUDS, clock=Watch())
    for cloud, problem in (("onprem", ""), ("public", "quota of cores\nmore")):
        board(StageStarted(cloud=cloud, stage=Stage.DEPLOY))
        board(StageEnded(cloud=cloud, stage=Stage.DEPLOY, seconds=3.0, problem=problem))
    _, line = drawn(board)
    assert line.index("✓ 3.0 s") < line.index("✗ quota of cores")
    assert "more" not in line


def test_only_the_last_notes_stay():
    board = Board(clouds=CLOUDS, clock=Watch())
    for number in range(9):
        board(Note(cloud="public", text=f"retry {number}"))
    assert [line for line in drawn(board) if "retry" in line] == [f"public: retry {n}" for n in range(5, 9)]


def test_what_is_shown_is_never_read_as_markup_or_control():
    board = Board(clouds=CLOUDS, clock=Watch())
    board(StageStarted(cloud="public", stage=Stage.DEPLOY))
    board(Progress(cloud="public", stage=Stage.DEPLOY, text="\x1b]0;x\x07[bold]a[/nope]"))
    assert "[bold]a[/nope]" in "".join(drawn(board))


def test_events_of_many_threads_are_all_heard():
    board = Board(clouds=CLOUDS, clock=Watch())
    console = Console(file=io.StringIO(), width=90)

    def work(stage: Stage) -> None:
        board(StageStarted(cloud="onprem", stage=stage))
        for number in range(50):
            board(Progress(cloud="onprem", stage=stage, text="x", done=number, total=50))
            console.print(board)
        board(StageEnded(cloud="onprem", stage=stage, seconds=2.0))

    threads = [threading.Thread(target=work, args=(stage,)) for stage in list(Stage)[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("✓ 2.0 s" in line for line in drawn(board)) == 4


def test_without_a_terminal_there_is_a_line_for_each_start_and_end():
    events = (
        StageStarted(cloud="onprem", stage=Stage.DEPLOY),
        Progress(cloud="onprem", stage=Stage.DEPLOY, text="unseen"),
        Note(cloud=None, text="429: went on after 2 s"),
        StageEnded(cloud="onprem", stage=Stage.DEPLOY, seconds=9.06),
    )
    expected = [
        "0.0 s  onprem: deploy …",
        "0.0 s  both: 429: went on after 2 s",
        "0.0 s  onprem: deploy: done in 9.1 s",
    ]
    assert lines("auto", *events) == expected


def test_quiet_tells_only_of_stages_that_failed():
    events = (
        StageStarted(cloud="onprem", stage=Stage.DEPLOY),
        StageEnded(cloud="onprem", stage=Stage.DEPLOY, seconds=9.0),
        StageEnded(cloud="public", stage=Stage.DEPLOY, seconds=9.0, problem="no quota"),
    )
    assert lines("quiet", *events) == ["0.0 s  public: deploy: FAILED: no quota"]
