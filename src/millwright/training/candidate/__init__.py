"""The candidates: kinds of models to try, one file each, with their search spaces.

`catalog.select` picks them; `candidate.Candidate` says what one is; `preparation` is what they put in front of their
estimators. A new candidate is a new file and a line in `catalog`.
"""
