"""What each byte of files and messages is: named ranges, as data and in forms for people."""
