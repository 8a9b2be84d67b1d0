"""Evaluation: how good, how certain, how fair, and whether a model may be promoted.

The pure parts take arrays: `metrics`, `calibration`, `survival`, `bootstrap`, `split`, `promotion`.
`forecasts` scores placements by models that have not seen them, `fairness` compares groups (its
reader `protected` is the only one that opens ``audit_*`` columns), `report` puts it together.
"""
