"""Metrics of classification and regression, each a function of many weighted copies of one sample at once.

One implementation serves the point value (weights of 1), the bootstrap interval (multinomial weights) and the
paired comparison of two models (the same weights for both), so that they cannot disagree.

Path of a value: `catalog.measure` → `metric.Metric.value` → the metric's function over `draws.Draws`.
"""
