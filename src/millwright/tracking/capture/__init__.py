"""What is known of a run without being told: its code, command, environment, machine and how busy that was."""

from __future__ import annotations
