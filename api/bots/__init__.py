"""Bots: questions asked where people talk, each platform over one desk.

``messages`` is what comes in, ``desk`` answers it in turn, ``rendering`` is what goes out, whatever
the platform; ``platforms`` lists who speaks through them. A platform is a ``Platform`` (checks what
is delivered, makes an ``Incoming`` of it, gives it to ``Desk.accept``) with a ``Mouth`` for each answer and a
pure function from ``Shown`` to its cards; its settings and a line in ``platforms`` make it known.
For those without a client that does it, ``calling`` has tokens, limits and outages, and ``plain_text``
an answer without markup.
"""
