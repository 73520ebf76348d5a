"""Tables of evaluation datasets and scorers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment, sequence
from millwright.storage.backends.sql.run_table import EXPERIMENTS

_Number = BigInteger().with_variant(Integer, "sqlite")

EVALUATION_DATASETS = Table(
    "evaluation_datasets",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("name", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", Key),
    Column("updated_by", Key),
    Column("schema", Json),
    Column("examples", BigInteger, nullable=False),
    Column("project", Key, nullable=False),
)

EVALUATION_DATASET_TAGS = Table(
    "evaluation_dataset_tags",
    METADATA,
    Column("dataset", _Number, ForeignKey(EVALUATION_DATASETS.c.seq), primary_key=True, autoincrement=False),
    Column("key", Key, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# By id rather than by number: an experiment may be gone for good, or be named before it is there.
EVALUATION_DATASET_EXPERIMENTS = Table(
    "evaluation_dataset_experiments",
    METADATA,
    Column("dataset", _Number, ForeignKey(EVALUATION_DATASETS.c.seq), primary_key=True, autoincrement=False),
    Column("experiment_id", Key, primary_key=True),
    Index(None, "experiment_id"),
    sqlite_with_rowid=False,
)

EVALUATION_EXAMPLES = Table(
    "evaluation_examples",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("dataset", _Number, ForeignKey(EVALUATION_DATASETS.c.seq), nullable=False),
    Column("input_digest", Key, nullable=False),
    Column("inputs", Json, nullable=False),
    Column("outputs", Json),
    Column("expectations", Json),
    Column("tags", Json, nullable=False),
    Column("source", Json),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", Key),
    Column("updated_by", Key),
    UniqueConstraint("dataset", "input_digest"),
    Index(None, "dataset", "seq"),
)

SCORERS = Table(
    "scorers",
    METADATA,
    sequence(),
    Column("id", Key, nullable=False, unique=True),
    Column("experiment", _Number, ForeignKey(EXPERIMENTS.c.seq), nullable=False),
    Column("name", Key, nullable=False),
    UniqueConstraint("experiment", "name"),
)

SCORER_VERSIONS = Table(
    "scorer_versions",
    METADATA,
    Column("scorer", _Number, ForeignKey(SCORERS.c.seq), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("serialized", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)
