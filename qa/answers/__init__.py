"""From findings to an answer: values, generators, refusals."""
