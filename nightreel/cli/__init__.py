"""The command line: commands parse, call and print. The one part of the package that stands above flows."""
