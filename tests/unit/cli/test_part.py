from __future__ import annotations

import subprocess
import sys


def test_part_ends_with_the_process_that_started_it() -> None:
    code = (
        "from millwright.cli.part import end_with_parent\nimport signal\nend_with_parent()\n"
        "print('up', flush=True)\nsignal.pause()"
    )
    part = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert part.stdout is not None
    assert part.stdin is not None
    assert part.stdout.readline() == b"up\n"
    part.stdin.close()
    assert part.wait(60) == -15
    part.stdout.close()
