"""Engines: where chunks are predicted. All give the same answers, in the order of the chunks.

Each is a function of a recipe and chunks; how many chunks are under way at a time bounds what is in memory.
"""
