"""Facts: reads case files and turns what they state into facts about one case."""
