"""Other people's libraries on these environments: one module an integration, one JSON line a run.

A module has ``LIBRARIES`` (distributions whose versions belong in the row, the main one first), ``PIP`` (what installs them) and
``run(args) -> dict`` with at least ``what`` (in words), ``steps`` and ``result`` (in words); it imports its library inside ``run``. It may have
``add_arguments(parser)``. :mod:`benchmarks.integrations.strategy` plays policies of ``EmpathyStrategy-v0`` on held-out seekers.
"""
