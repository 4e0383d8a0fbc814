"""``rung.offers`` on its way to the database, and past it to those who are looking just now."""
