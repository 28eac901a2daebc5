"""The administrators' report about the index: what waits, what was given up, whether the engine answers."""
