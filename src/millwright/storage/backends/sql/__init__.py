"""Every record store on SQLite and PostgreSQL, through one SQLAlchemy Core implementation.

`database` holds connections and transactions, `*_table` the tables of one family, `revision` brings a database up to
date, and each other module one store. Path of a write: store method → `Database.write` → statement → commit.
"""
