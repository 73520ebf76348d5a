"""Where steps are executed: in this process, in processes of their own, or on Ray.

An executor is given jobs whose keys are new and whose leases are held, and gives back outcomes; it stores values, and
never writes a record.
"""

from __future__ import annotations
