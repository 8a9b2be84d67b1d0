"""`python -m matchboard.cli`: the command where no script is installed."""

from matchboard.cli import main

if __name__ == "__main__":
    main()
