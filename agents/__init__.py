"""Reference agents: scripted supporters, language-model policies and the learner. Runs from a checkout."""
