"""How handlers of the native API and pages ask for what they read from."""

from __future__ import annotations

from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from millwright.server.service import Services

# The application provides it under the name `services`.
FromApp: TypeAlias = NamedDependency[SkipValidation[Services]]
