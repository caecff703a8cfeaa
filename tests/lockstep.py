"""N single environments under the rules of an autoreset mode, to hold a vector environment against."""

import numpy as np

MODES = ("NEXT_STEP", "SAME_STEP", "DISABLED")


class Singles:
    """Single environments, stepped as a vector environment of that mode has to step its own.

    Args:
        mode: an autoreset mode.
        envs: the environments.
    """

    def __init__(self, mode, envs):
        self.mode, self.envs = mode, envs
        self.over = [False] * len(envs)

    def reset(self, seeds=None, mask=None):
        """``(obs, info)`` of each that is reset, None for the others."""
        found = []
        for i, env in enumerate(self.envs):
            found.append(env.reset(seed=seeds[i] if seeds else None) if mask is None or mask[i] else None)
            self.over[i] = self.over[i] and mask is not None and not mask[i]
        return found

    def step(self, actions):
        """``(obs, reward, terminated, truncated, info, final)`` of each; ``final`` is ``(obs, info)`` in ``SAME_STEP``."""
        return [self._step(i, action) for i, action in enumerate(actions)]

    def _step(self, i, action):
        if self.over[i] and self.mode == "NEXT_STEP":
            self.over[i] = False
            obs, info = self.envs[i].reset()
            return obs, 0.0, False, False, info, None
        obs, reward, terminated, truncated, info = self.envs[i].step(action)
        self.over[i] = terminated or truncated
        if self.over[i] and self.mode == "SAME_STEP":
            self.over[i] = False
            final = (obs, info)
            obs, info = self.envs[i].reset()
            return obs, reward, terminated, truncated, info, final
        return obs, reward, terminated, truncated, info, None


def entry(infos, i):
    """The info of one environment, out of a native vector's arrays."""
    names = [name for name in infos if not name.startswith(("_", "final_")) and infos[f"_{name}"][i]]
    return {name: plain(infos[name][i]) for name in names}


def plain(value):
    """NumPy's numbers as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def same(one, other):
    """Whether two observations agree to the last bit."""
    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def of(batch, i):
    """Observation ``i`` of a batch."""
    return {name: values[i] for name, values in batch.items()} if isinstance(batch, dict) else batch[i]


def agree(vector, singles, draw_actions, seeds, steps=7, infos_too=True):
    """Reset and step both, and hold every observation, reward, end and info of one against the other."""
    obs, infos = vector.reset(seed=seeds)
    for i, single in enumerate(singles.reset(seeds)):
        assert same(of(obs, i), single[0])
        assert not infos_too or entry(infos, i) == single[1]
    for _ in range(steps):
        if singles.mode == "DISABLED" and any(singles.over):
            mask = np.array(singles.over)
            obs, infos = vector.reset(options={"reset_mask": mask})
            for i, single in enumerate(singles.reset(mask=mask)):
                assert single is None or same(of(obs, i), single[0])
        actions = draw_actions()
        obs, rewards, terminations, truncations, infos = vector.step(actions)
        assert obs in vector.observation_space
        for i, (*single, info, final) in enumerate(singles.step(actions)):
            assert same(of(obs, i), single[0]), (of(obs, i), single[0])
            assert [rewards[i], terminations[i], truncations[i]] == single[1:]
            assert not infos_too or entry(infos, i) == info
            if final is not None:
                assert same(infos["final_obs"][i], final[0])
                assert not infos_too or entry(infos["final_info"], i) == final[1]
