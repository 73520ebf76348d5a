"""What the server adds to a request's rows: features that the model was trained with, looked up by entity keys.

| module | |
|---|---|
| `feature_source` | what is needed of the feature store |
| `feature_group` | the features of one view, and what is needed to look them up |
| `feature_join` | adds them to the rows of a request |
| `feature_column` | the columns that a caller may give where features are looked up |
"""
