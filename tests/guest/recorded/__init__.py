"""What facts.sh printed in servers of two clouds."""

from pathlib import Path

from portability.guest.facts import Facts
from portability.guest.parse import parse_facts

MARK = "@mark"


def text(cloud: str) -> str:
    return (Path(__file__).parent / f"facts-{cloud}-db-0.txt").read_text(encoding="utf-8")


def facts(cloud: str) -> Facts:
    """As if the observer's clock stood still while the server answered, half a second before the server's."""
    begin = float(text(cloud).split(f"{MARK} clock_begin\n")[1].split()[0])
    end = float(text(cloud).split(f"{MARK} clock_end\n")[1].split()[0])
    return parse_facts(text(cloud), mark=MARK, sent=begin - 0.5, received=end - 0.5)
