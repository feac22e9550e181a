"""Retrieval and answers over government work reports."""
