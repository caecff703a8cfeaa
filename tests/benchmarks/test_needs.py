"""The hidden need is no ornament."""

import numpy as np

from benchmarks.needs import NAMES, matrix


def test_no_fixed_mix_of_acts_is_best_for_all_eight_needs():
    found = matrix(6, 4, "train")
    assert found.shape == (8, 8) and ((found >= 0) & (found <= 100)).all()
    best = [NAMES[i] for i in found.argmax(axis=0)]
    assert max(np.unique(best, return_counts=True)[1]) < 8
