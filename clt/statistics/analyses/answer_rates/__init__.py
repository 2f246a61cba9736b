"""How answers came about: what tells better answers from answers that end, or keep to the language."""
