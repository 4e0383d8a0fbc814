"""What an input means for meters and moments: which of them move, and which fire."""
