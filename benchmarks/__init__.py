"""Benchmarks: one folder or file a question; figures go to results/ as JSON lines."""
