"""How many threads FAISS uses for what."""

import os

import faiss


def stay_on_this_thread() -> None:
    """Keep OpenMP from spreading one question's search: its helpers gain nothing on so little and then
    spin, which took 8 ms of another core a question from whoever else was being answered. OpenMP keeps
    the number for each calling thread, so that no start of the program can set it for all."""
    faiss.omp_set_num_threads(1)


def use_all_cores() -> None:
    """Spread the making of an index over the cores this process may use."""
    faiss.omp_set_num_threads(len(os.sched_getaffinity(0)))
