"""`python -m clt`: the command line."""

from clt.cli import main

if __name__ == "__main__":
    main()
