"""OpenLineage: every run of a pipeline and of its steps, told in the open standard's words.

| module       | holds                                                                                        |
|--------------|----------------------------------------------------------------------------------------------|
| `options`    | where events go: settings, and the variables that every OpenLineage client reads              |
| `event`      | the objects of an event, as the specification names their fields                             |
| `facet`      | what can be said about runs, jobs and datasets                                               |
| `naming`     | how runs and data are named, so that other tools' events meet ours                           |
| `dataset`    | datasets, sources and values between steps, described                                        |
| `flow`       | what a step read and wrote                                                                   |
| `origin`     | where the code of a pipeline is                                                              |
| `narrator`   | one event of ours becomes events of the standard                                             |
| `file_sink`  | events appended to a file                                                                    |
| `http_sink`  | events sent to an address                                                                    |
| `listener`   | hears the bus; the rest happens in its own thread                                            |

Path of an event: `Listener.hear` (queued, the run goes on) → `Narrator.tell` (reads the stores) → `FileSink.send` and
`HttpSink.send`.
"""
