"""What is printed when a run is over, and the exit code."""

import sys

import typer

from portability.cli.options import Json  # noqa: F401
from portability.errors import ExitCode
