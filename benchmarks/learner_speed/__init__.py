"""Our learner and TRL's GRPOTrainer on the same machine, model, prompts, number of tokens and precision."""
