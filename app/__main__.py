"""`python -m app COMMAND`."""

from app.cli import program

if __name__ == "__main__":
    program(prog_name="python -m app")
