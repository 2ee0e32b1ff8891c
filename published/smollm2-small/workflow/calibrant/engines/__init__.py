"""How text is generated: one interface, several engines."""
