"""The made-up product as a web page: what people do in it becomes real events, and the offers come to it."""
