"""``python -m calcinosis``: the command line."""

from calcinosis.cli import main

if __name__ == "__main__":
    main()
