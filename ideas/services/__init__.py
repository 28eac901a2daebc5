"""What people do with passages, themes and ideas: each act one function, one transaction, one entry in the log."""
