"""From sections of a report to typed facts: indicator, figure, period, status and place in the text."""
