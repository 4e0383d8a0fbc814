"""From events to rows, pure: no I/O, no clock, no log."""
