"""The same study several times: how much its repeats differ."""
