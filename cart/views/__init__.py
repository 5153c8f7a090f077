"""The pages of an order: configure, review, check out."""
