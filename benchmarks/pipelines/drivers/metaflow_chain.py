"""Ten steps of Metaflow."""

# ruff: noqa: ANN201 - written as the users of this tool write it
from __future__ import annotations

import works
from metaflow import FlowSpec, Parameter, step


class Chain(FlowSpec):
    seed = Parameter("seed", type=int)

    @step
    def start(self):
        self.table = works.load(self.seed)
        self.next(self.add1)

    @step
    def add1(self):
        self.table = works.add(self.table)
        self.next(self.add2)

    @step
    def add2(self):
        self.table = works.add(self.table)
        self.next(self.add3)

    @step
    def add3(self):
        self.table = works.add(self.table)
        self.next(self.add4)

    @step
    def add4(self):
        self.table = works.add(self.table)
        self.next(self.add5)

    @step
    def add5(self):
        self.table = works.add(self.table)
        self.next(self.add6)

    @step
    def add6(self):
        self.table = works.add(self.table)
        self.next(self.add7)

    @step
    def add7(self):
        self.table = works.add(self.table)
        self.next(self.add8)

    @step
    def add8(self):
        self.table = works.add(self.table)
        self.next(self.end)

    @step
    def end(self):
        self.table = works.add(self.table)


if __name__ == "__main__":
    Chain()
