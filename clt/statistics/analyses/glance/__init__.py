"""What the favoured mixture changes in every language: the picture that answers before the text."""
