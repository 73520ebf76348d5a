"""Rollouts: dividing an endpoint's requests among model versions, and deciding by evidence.

Path of a decision: a serving process counts what each arm answered (`realtime.traffic`) → `tally.Tally` in the store →
`decider.Decider`, in one process under a lease → `canary.judge` → `control.RolloutControl`, which changes the record,
the alias and the audit log in one transaction → every serving process sees the record at its next look.
"""
