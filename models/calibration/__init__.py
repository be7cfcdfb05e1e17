"""From what a network answers to what its answers are worth: calibrated probabilities, and how far they can be believed."""
