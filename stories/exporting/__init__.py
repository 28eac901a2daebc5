"""Stories to files, through the gate: selecting → writers. What is written can come back as it was."""
