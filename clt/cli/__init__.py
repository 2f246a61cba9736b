"""The command line: each command is a few calls of the library. Nobody imports it but `clt` itself."""

from clt.cli.main import main

__all__ = ["main"]
