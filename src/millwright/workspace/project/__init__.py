"""Projects written for the user: what `mw init` and `mw fit` put into a folder."""
