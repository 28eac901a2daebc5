"""Open Badges 3.0: credentials that anybody can check without asking us."""
