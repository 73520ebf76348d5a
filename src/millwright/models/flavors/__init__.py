"""How the estimators of each library are stored and loaded without running foreign code, asked, and compiled.

`catalog` knows all by name; each is one module with a class that fulfils `flavor.Flavor`. What else is here serves one
of them: `canonical`, `inspection`, `soundness`, `conversion` and `threshold` scikit-learn, `text_tree` LightGBM,
`json_tree` XGBoost.
"""
