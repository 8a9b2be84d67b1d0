"""Allocate scarce places: candidate lists by price, an exact optimum, prices that prove it.

* `ml.allocation.allocate.allocate`: from an index and clients to who gets which opening;
* `ml.allocation.rules.AllocationRules`: floor, cap of a partner, waiting bonus;
* `ml.allocation.market.market_of` and `ml.allocation.solve.solve`: the same on plain numbers.
"""
