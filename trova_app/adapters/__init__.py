"""The world outside: mail, PDF, codes, payment gateways. Each meets `services/ports.py` by its shape."""
