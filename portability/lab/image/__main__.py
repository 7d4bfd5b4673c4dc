"""`python -m portability.lab.image`: builds what is missing and says how far it is. Needs nothing but Python itself."""

import sys

from portability.errors import PortabilityError
from portability.lab.image.build import ensure


def main() -> int:
    """The exit code; a machine that has the image hears nothing."""
    try:
        ensure(lambda line: print(f"… {line}", file=sys.stderr, flush=True))  # noqa: T201
    except PortabilityError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return int(error.exit_code)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
