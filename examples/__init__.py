"""Other people's agents on these environments: one short script each, run from a checkout or copied."""
