"""The study: which skills grow under which scaffold? ``PLAN.md`` says what was declared before running; ``python -m benchmarks.study`` does it."""
