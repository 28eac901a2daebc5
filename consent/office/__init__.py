"""The data protection officer's office in the admin: the board of what is due, demands and what is done about them."""
