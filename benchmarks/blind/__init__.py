"""Judged by people or language models who see nothing else."""
