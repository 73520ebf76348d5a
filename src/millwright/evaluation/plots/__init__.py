"""Figures of evaluation and monitoring, one file per plot, all in one theme.

Each function returns a plotly `Figure` that can be shown, stored as JSON, or put on a page. Names that come from users
are escaped, wrapped and shortened by `theme.label`; hovering shows them whole. `figure.figures` makes all that fit a
report.
"""
