"""What happens: one function for each act, `f(db, desk, who, ...)`; no browser, no Reflex, no Stripe."""
