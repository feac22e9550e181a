"""The evaluation suite: cases → outcomes → metrics → comparison."""
