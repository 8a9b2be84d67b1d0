"""Programs that print figures to be read as ratios of one run, each on one thread."""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # here, because numpy reads it once, when a benchmark first imports it
