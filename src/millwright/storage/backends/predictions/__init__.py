"""The prediction log as Parquet segments in a folder.

`<endpoint>/date=YYYY-MM-DD/hour=HH/<first>-<last>-<random>.parquet` holds predictions, first and last being the times
of its oldest and newest id; `<endpoint>/labels/<id>.parquet` holds labels.
"""
