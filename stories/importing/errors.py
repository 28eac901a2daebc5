"""What can be wrong with what people import; every message is a sentence for the person at the terminal."""


class ImportRefused(Exception):
    """Nothing can be imported: the path, the mapping or the house is not as it must be."""


class RowRefused(Exception):
    """One row cannot become a story; the other rows can."""
