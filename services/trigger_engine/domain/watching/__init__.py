"""Detection: what an input does to meters and moments. One file for each thing that a moment can be made of."""
