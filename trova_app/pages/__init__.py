"""One module for each route."""
