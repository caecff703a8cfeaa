"""A small chat model in both scaffolds: as it comes, after imitation, and after some minutes of reinforcement learning."""
