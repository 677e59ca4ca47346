"""The only files that import a vendor library, one each; wiring.py alone names them."""
