"""The report as a page: text made of values, nothing is fetched, nothing is judged."""
