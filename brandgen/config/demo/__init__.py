"""The demo: the brand Northwind, five people, and a story told by the real workers."""
