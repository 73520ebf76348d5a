"""The model card: what a version is, what it was made of, how good it is and where it is weak.

After Mitchell et al., Model Cards for Model Reporting (2019). Everything in it is read from the stores; only the
intended use cannot be, and says that a person must write it.

Path: `card_markdown` or `card_html` → `gather_card` → the stores; then `markdown` or `page` puts it into words.
"""
