"""The commands of `trova`, one module each; `cli.py` imports each when it is called."""
