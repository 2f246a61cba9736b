"""A page as Kubeflow shows it: the srcdoc of a sandboxed frame, whose links would lead to Kubeflow's own address."""

FRAME = '<base href="about:srcdoc">'


def framed(page: str) -> str:
    """A page whose links to places of its own stay within Kubeflow's frame."""
    return page.replace("<head>", f"<head>\n{FRAME}", 1)
