"""The figures that we hold ourselves to: `python -m benchmarks`."""
