"""HTTP beside the pages: the gate, sign-in, documents, webhooks, health."""
