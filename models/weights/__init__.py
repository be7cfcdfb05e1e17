"""Weights: where they come from, whether they are here, and fetching them safely."""
