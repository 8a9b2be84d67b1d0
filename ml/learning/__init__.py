"""Learn from outcomes: hazards with censoring, partners' records, MAP weights, boosted correction.

The public door is `ml.learning.training.train` and `ml.learning.model.LearnedModel`.
"""

from ml.learning.model import LearnedModel
from ml.learning.training import train

__all__ = ["LearnedModel", "train"]
