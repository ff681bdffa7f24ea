"""What each byte of files and messages is: named ranges, and the forms that people look at."""
