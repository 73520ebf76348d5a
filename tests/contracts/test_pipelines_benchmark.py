"""The benchmark of pipelines: what its runs hand on."""

from __future__ import annotations

from benchmarks.pipelines.drivers.works import STEPS, add, checksum, expected, load


def frames(seed):
    table = load(seed)
    for _ in range(STEPS):
        yield table
        table = add(table)


def test_chain_of_no_seed_gives_a_frame_of_another_one():
    seen = [frame.to_numpy().tobytes() for seed in range(6) for frame in frames(seed)]
    assert len(set(seen)) == len(seen)


def test_chain_ends_with_the_checksum_that_is_expected():
    assert [checksum(list(frames(seed))[-1]) for seed in range(4)] == [expected("chain", seed) for seed in range(4)]
