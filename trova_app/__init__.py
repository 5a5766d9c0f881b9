"""Trova: from a finished session to a correct, sent, payable or claimable document."""
