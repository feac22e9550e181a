"""Shipped cases as data files: questions with evidence spans, hand-checked facts of the samples."""
