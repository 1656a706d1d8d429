"""Scripts that do our job with other tools; each runs by itself in the peers' environment: `SCRIPT JOB.json`."""
