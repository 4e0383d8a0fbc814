"""What the sink does by itself, beside folding its logs."""
