"""Where scores come from: a store or a CSV file, as one table and as one array per curve."""
