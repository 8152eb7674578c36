"""Measurements of the main job, as ratios within one run. `python -m benchmarks` runs them; docs/benchmarks.md reads them.

Belongs here: what is measured and how it is printed. Nothing of the product imports this package, and no test asserts a time.
"""
