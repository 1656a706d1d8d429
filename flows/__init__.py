"""What runs: one file a flow, readable from top to bottom as the story of the run."""
