"""The narrator's own page: her link, what she is asked, what she answers, her journal, and the letters to her."""
