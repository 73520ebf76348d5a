"""What the rooms log, as lines on standard error."""

from __future__ import annotations

import logging
import sys

_NAME = "millwright-cli"


class TerminalLog(logging.Handler):
    """Warnings and worse, a line each; with `debug` everything, and the tracebacks.

    Without it Python would print warnings with their tracebacks, which tell a user nothing.
    """

    is_terminal = True  # what an observed step logs goes to its log, and not here

    def __init__(self, *, debug: bool) -> None:
        super().__init__(logging.DEBUG if debug else logging.WARNING)
        self.name = _NAME
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        text = f"{record.levelname.capitalize()}: {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        if self._debug and record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        elif error is not None:
            text += f" ({type(error).__name__}: {' '.join(str(error).split())})"
        # Looked up now: whoever captures standard error has replaced it meanwhile.
        sys.stderr.write(text + "\n")


def show_log(*, debug: bool) -> None:
    """Send the package's log to standard error, once, however often it is called."""
    logger = logging.getLogger("millwright")
    for handler in [known for known in logger.handlers if known.name == _NAME]:
        logger.removeHandler(handler)
    logger.addHandler(TerminalLog(debug=debug))
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
