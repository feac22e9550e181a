"""Files of any form to text: one door module for each kept library, found by what the bytes are.

A reader is a function of the bytes and the file's name. What it returns is deterministic: offsets
count characters of its text. It runs in a process of its own (``process.py``), with limits.
"""
