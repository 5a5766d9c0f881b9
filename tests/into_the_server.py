"""Imported into every server the tests start, before anything else: what it asks of the simulated gateway is noted."""

from tests.contract.every_request import watch_here

watch_here()
