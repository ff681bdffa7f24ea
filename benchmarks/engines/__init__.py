"""What reading and writing cost in engines, beside `read_arrow` and what the engines themselves have."""
