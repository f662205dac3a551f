"""Documents that change a plan: which rows they name and what becomes of them."""
