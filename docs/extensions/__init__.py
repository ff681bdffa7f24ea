"""What the site is made with beyond Sphinx, furo and MyST: parts of pages that are made from the code."""
