"""Pages and files from the web, politely and without being led into a private network.

The only place where ``httpx``, ``protego`` and ``defusedxml`` are used in ``qa``. Arrows: gathering →
fetcher → robots, turns, wire → resolving → addresses → rules.
"""
