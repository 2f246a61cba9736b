"""The command line and the local runner: skins over the library. Nobody imports them but `clt` itself."""

from clt.cli.main import main

__all__ = ["main"]
