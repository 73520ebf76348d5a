"""Gates: conditions a model version must fulfil before it may go on. One file and one class per gate.

| module | thing |
|---|---|
| `file` | `gates.yaml` ↔ `GateSpec`; the default gates of a task |
| `check` | runs the gates against one challenger |
| `catalog`, `spec` | name → class, of ours and of installed packages; a class with its settings |
| `gate`, `subject`, `result` | what a gate is, what it is given, what it answers |

Path of a check: `file.load_gates`; `check.check_gates` → `spec.build_gate` → the gate's `evaluate`.
"""
