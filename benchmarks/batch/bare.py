"""What one writes by hand: Parquet in chunks, columns to the graph's input, ONNX Runtime, Parquet out.

`python bare.py FOLDER OUTPUT`; prints the seconds from when all is imported. Nothing is checked, nothing goes on after
a kill, and nothing tells the output from a torn one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

pa.array([0.0]).to_numpy()  # Arrow loads pandas here where it is installed; the engine's time is without that
begun, before = time.perf_counter(), time.process_time()
folder, output = Path(sys.argv[1]), sys.argv[2]
plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1  # as ours: chunks are what runs side by side
session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
given, answer = session.get_inputs()[0].name, session.get_outputs()[-1].name
writer = None
for batch in pq.ParquetFile(folder / "rows.parquet").iter_batches(plan["chunk_rows"]):
    matrix = np.empty((batch.num_rows, len(plan["columns"])), np.float32)
    for index, (name, categories) in enumerate(plan["columns"]):
        column = batch.column(name)
        if categories:
            place = pc.index_in(column, value_set=pa.array(categories))
            codes = pc.if_else(column.is_null(), 0.0, pc.fill_null(pc.add(place.cast(pa.float64()), 2.0), 1.0))
            matrix[:, index] = codes.to_numpy(zero_copy_only=False)
        else:
            matrix[:, index] = column.to_numpy(zero_copy_only=False)
    second = session.run([answer], {given: matrix})[0][:, 1]
    table = pa.Table.from_batches([batch])
    # `pa.array` would look for pandas first, and load it where it is installed.
    shares = pa.DoubleArray.from_buffers(pa.float64(), len(second), [None, pa.py_buffer(second.astype(float))])
    table = table.append_column("prediction", pc.greater(shares, 0.5))
    table = table.append_column("probability", shares)
    table = table.append_column("model_version", pa.repeat(pa.scalar(plan["ref"]), len(second)))
    if writer is None:
        # Without this it looks for floats that repeat, which takes several times as long as writing them.
        repeating = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
        writer = pq.ParquetWriter(output, table.schema, compression="zstd", use_dictionary=repeating)
    writer.write_table(table)
writer.close()
print(json.dumps({"engine_s": time.perf_counter() - begun, "engine_cpu_s": time.process_time() - before}))
