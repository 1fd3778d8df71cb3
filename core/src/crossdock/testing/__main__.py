"""`python -m crossdock.testing FOLDER PLATFORM...`: the program behind `launcher.Launcher`."""

import sys

from crossdock.testing.launcher import serve

if __name__ == "__main__":  # pragma: no cover in a process of its own
    serve(*sys.argv[1:])
