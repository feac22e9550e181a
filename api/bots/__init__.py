"""Bots: questions asked where people talk, each platform over one desk.

``messages`` is what comes in, ``desk`` answers it in turn, ``rendering`` is what goes out, whatever
the platform; ``platforms`` lists who speaks through them.
"""
