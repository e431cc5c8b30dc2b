"""`python -m server`: the same as `honghe-server`."""

import sys

from server.main import main

if __name__ == "__main__":
    sys.exit(main())
