"""`python -m nightreel`: the command line."""

from nightreel.cli.main import main

main()
