"""Parts that every service is built from. Knows nothing of offers and imports no service."""
