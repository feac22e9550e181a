"""Tries to break a library: processes killed, disks full, bytes flipped. ``make test-faults`` runs all of it."""
