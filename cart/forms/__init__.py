"""What visitors fill in: a configuration, a promotion code, the checkout."""
