"""Figures that RLVER printed (arXiv 2507.03112, version 1), to stand beside ours. None has an interval or a second seed there."""

from __future__ import annotations

SOURCE = "arXiv 2507.03112v1"

FINAL = {
    "thinking-ppo-vanilla-none": 79.2,
    "direct-ppo-vanilla-none": 61.7,
    "thinking-grpo-vanilla-none": 72.0,
    "direct-grpo-vanilla-none": 68.3,
}
"""Sentient score, the mean final emotion of 100 test dialogues (table 1)."""

BASE_FINAL = 13.3
"""Of Qwen2.5-7B-Instruct before training (table 1)."""

CHALLENGING = {"thinking-ppo-challenging-none": 44.7, "direct-ppo-challenging-none": 25.9}
"""Trained and tested on the challenging simulator, PPO (table 3)."""

SKILLS = {
    "thinking-ppo-vanilla-none": {"core_insight": 3.44, "empathic_depth": 3.56},
    "thinking-grpo-vanilla-none": {"core_insight": 3.02, "empathic_depth": 3.10},
    "direct-ppo-vanilla-none": {"solution_crafting": 3.77},
    "direct-grpo-vanilla-none": {"solution_crafting": 3.53},
}
"""Ratings from 1 to 5 by a language model that is not named, where the text gives them (section 3.5); the rest is in a figure alone."""

WHY_NOT = (
    "RLVER's skills are ratings of whole dialogues from 1 to 5 by a language model; ours are points of emotion that a ledger books. Neither can be turned into the other, "
    "and as it gives no skill for both scaffolds in numbers, its skills cannot be compared with ours at all. Its final emotion is that of another simulated person (a language model at temperature 0.5, starting at 40 in the test), "
    "and its policy is 7,000 times as large as nano: only the sign of a difference in final emotion between its arms and ours can be set side by side."
)
