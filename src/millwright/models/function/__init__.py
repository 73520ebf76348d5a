"""Python functions as models: a user's class, kept as source code and run again from it, never pickled.

| module | thing |
|---|---|
| `python_model` | what a user writes and hands to `adoption.adopt` |
| `source` | the files that a class needs, followed along its imports |
| `isolation` | kept files as modules of their own, beside others of the same names |
| `content` | class, files, parameters, packages and artifacts as one archive |
| `loaded` | that archive as an object that answers |

Loading runs the code. So packages of this kind load only where the workspace allows it (`package.PackageLoader`).
"""

from __future__ import annotations

from millwright.models.function.python_model import ModelContext, PythonFunction, PythonModel

__all__ = ["ModelContext", "PythonFunction", "PythonModel"]
