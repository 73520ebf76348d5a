"""A thousand mapped items of Metaflow."""

# ruff: noqa: ANN001, ANN201 - written as the users of this tool write it
from __future__ import annotations

import works
from metaflow import FlowSpec, Parameter, step


class Mapped(FlowSpec):
    seed = Parameter("seed", type=int)

    @step
    def start(self):
        self.numbers = list(range(self.seed, self.seed + works.ITEMS))
        self.next(self.square, foreach="numbers")

    @step
    def square(self):
        self.found = works.square(self.input)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = works.total([each.found for each in inputs])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Mapped()
