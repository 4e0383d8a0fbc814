"""The stories, by what they show. Each function is one story; the account it happens to is cast later."""
