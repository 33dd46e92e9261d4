"""`python -m nlp4`."""

import sys

from nlp4.cli import main

if __name__ == "__main__":
    sys.exit(main())
