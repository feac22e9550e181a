"""English questions over Chinese reports: what they ask, and the Chinese words it is printed in.

Nothing here is imported before the first English question comes.
"""
