"""Writes of learning: each is one transaction that appends to the ledger."""
