"""Governance: what happened, who said so, and the proof of it; all from the stores alone.

| module        | holds                                                                                        |
|---------------|----------------------------------------------------------------------------------------------|
| `approval`    | which versions may be promoted without asking anyone                                         |
| `audit`       | verifies that the audit log is as it was written                                             |
| `omission`    | finds records that the audit log should tell of and doesn't                                  |
| `evidence`    | what is known about one version's making, part by part                                       |
| `why`         | one prediction, or one version, with everything behind it                                    |
| `reproduce`   | trains a version again through whoever can, and says what differs                            |
| `card`        | the model card, in Markdown and HTML                                                         |
| `openlineage` | runs of pipelines and steps as OpenLineage events                                            |

Paths:

- `mw why`: `explain_prediction` → `explain_version` → `gather` → the stores.
- `mw audit verify`: `verify_audit` → `AuditStore.iter`.
- `mw reproduce`: `reproduce` → the given `Retrain` → packages compared.
"""
