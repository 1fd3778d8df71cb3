"""`python -m crossdock`: the command line, where the script of that name is not on the path."""

from crossdock.cli import app

if __name__ == "__main__":
    app(prog_name="crossdock")
