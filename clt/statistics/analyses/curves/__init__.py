"""Every curve: its points, gains and figures."""
