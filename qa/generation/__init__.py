"""Answers written by a language model, released sentence by sentence after each was checked."""
