"""The tables: columns and constraints, nothing else."""
