"""What every engine keeps, tried on each of them, without a database: documents in, plans in, answers out."""
