"""Benchmarks: `python -m tests.bench [--quick]`. They print figures and compare them; nothing here passes or fails."""
