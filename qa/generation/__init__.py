"""Answers in a language model's own words: what it may read, and what of its words may leave."""
