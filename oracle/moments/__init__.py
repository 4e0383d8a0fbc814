"""When a moment has just become true: a file for each group of kinds, each worked out from what the account keeps."""
