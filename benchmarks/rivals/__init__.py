"""The systems that `benchmarks/side_by_side.py` sets beside each other, each run in a process and
an environment of its own. Each module has `ingest(texts, folder)`, which returns a search:
question to the passages found, best first."""
