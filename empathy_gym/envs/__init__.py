"""The environments: text, vector and strategy."""
