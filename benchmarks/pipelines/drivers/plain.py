"""The same functions called one after the other: what the steps themselves take."""

from __future__ import annotations

import sys
import time

from works import ITEMS, STEPS, add, checksum, load, square, tell, total


def main() -> None:
    """Call them."""
    work, seed = sys.argv[1], int(sys.argv[2])
    begun = time.perf_counter()
    if work == "map":
        value = total([square(number) for number in range(seed, seed + ITEMS)])
        tell(time.perf_counter() - begun, value)
        return
    table = load(seed)
    for _ in range(STEPS - 1):
        table = add(table)
    tell(time.perf_counter() - begun, checksum(table))


main()
