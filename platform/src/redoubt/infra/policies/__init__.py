"""AWS policies judged from their text: what a principal may do, and what is left unjudged."""
