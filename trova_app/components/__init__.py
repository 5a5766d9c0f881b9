"""Functions from vars and handlers to a component. They only draw."""
