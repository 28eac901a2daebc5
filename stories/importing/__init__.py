"""Stories from files: readers → mapping → drafts → bulk writes. ``running`` puts the parts together."""
