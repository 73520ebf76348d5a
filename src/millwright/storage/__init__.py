"""Stores: `base` says what one must do, `backends` hold the implementations, `catalog` opens one from a URL.

Path of a write: a room calls a store's method → the store opens or joins a transaction → one SQL statement or file.
"""
